import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface LockedPurge {
  passBeganAt: Date
  /** What this pass has found so far. */
  passFound: number
  /** The last profile that this pass is through with; '' at its start. */
  position: string
  requestedAt: Date
  requestedBy: string
}

/** Takes a purge for one batch; nothing when another node has it, or when it is over. */
export const lockPurge = statement<
  { workspaceId: number; pluginId: string; id: string },
  LockedPurge
>(
  (arg) => sql`
    select pass_began_at as "passBeganAt", pass_found as "passFound", position,
      requested_at as "requestedAt", requested_by as "requestedBy"
    from plugin_purge
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.pluginId}::text
      and id = ${arg.id}::text and state = 'purging'
    for update skip locked`,
)
