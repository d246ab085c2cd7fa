import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Open values of a trait among the newest profiles: no index is asked for, so a rare trait may show none. */
export const sampleTrait = statement<
  { workspaceId: number; key: string; among: number; limit: number },
  { value: Json }
>(
  (arg) => sql`
    select newest.traits -> ${arg.key}::text as value
    from (
      select traits from profile where workspace_id = ${arg.workspaceId}::int
      order by id desc limit ${arg.among}::int
    ) as newest
    where newest.traits ? ${arg.key}::text
    limit ${arg.limit}::int`,
)
