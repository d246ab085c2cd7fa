import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The last id of each `size` profiles in the order of their ids, merged ones too. */
export const listProfileRanges = statement<{ workspaceId: number; size: number }, { upTo: string }>(
  (arg) => sql`
    with recursive edge as (
      select (
        select max(id) from (
          select id from profile where workspace_id = ${arg.workspaceId}::int
          order by id limit ${arg.size}::int) as first) as id
      union all
      select (
        select max(id) from (
          select id from profile where workspace_id = ${arg.workspaceId}::int and id > edge.id
          order by id limit ${arg.size}::int) as next)
      from edge where edge.id is not null
    )
    select id as "upTo" from edge where id is not null order by id`,
)
