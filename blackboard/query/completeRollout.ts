import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** A version in service stood its first items and is watched no more. */
export const completeRollout = statement<
  { workspaceId: number; plugin: string; id: string; at: string },
  never
>(
  (arg) => sql`
    update plugin_rollout set state = 'completed', reason = 'stood', ended_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text
      and id = ${arg.id}::text and state = 'watching'`,
)
