import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface LockedSealing {
  pass: number
  passBeganAt: Date
  /** What this pass has found so far. */
  passFound: number
  /** The last profile that this pass is through with; '' at its start. */
  position: string
  requestedAt: Date
}

/** Takes a sealing for one batch; nothing when another node has it, or when it is over. */
export const lockSealing = statement<
  { workspaceId: number; key: string; version: number },
  LockedSealing
>(
  (arg) => sql`
    select pass, pass_began_at as "passBeganAt", pass_found as "passFound", position,
      requested_at as "requestedAt"
    from trait_sealing
    where workspace_id = ${arg.workspaceId}::int and key = ${arg.key}::text
      and version = ${arg.version}::int and state = 'sealing'
    for update skip locked`,
)
