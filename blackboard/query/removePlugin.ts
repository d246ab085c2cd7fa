import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Takes a plugin out of service: no subscriptions, no pending reactions. Its traits, holds
 * and versions stay, so that it can come back.
 */
export const removePlugin = statement<
  { workspaceId: number; id: string; at: string },
  { reactions: number }
>(
  (arg) => sql`
    with gone as (
      update plugin set state = 'removed', updated_at = ${arg.at}::timestamptz
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.id} and state <> 'removed'
      returning id
    ), silent as (
      delete from subscription s using gone
      where s.workspace_id = ${arg.workspaceId}::int and split_part(s.agent, '/', 1) = gone.id
    ), dropped as (
      delete from agenda a using gone
      where a.workspace_id = ${arg.workspaceId}::int and split_part(a.agent, '/', 1) = gone.id
      returning 1
    )
    select (select count(*) from dropped) as reactions from gone`,
)
