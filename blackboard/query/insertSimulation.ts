import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Begins a simulation; no row when the workspace has one that runs. */
export const insertSimulation = statement<
  {
    workspaceId: number
    id: string
    candidate: number | null
    hash: string
    base: number | null
    days: number
    requestedBy: string
    at: string
  },
  { id: string }
>(
  (arg) => sql`
    insert into policy_simulation (workspace_id, id, candidate, candidate_sha256, base, days, state,
      requested_by, started_at, beat_at)
    values (${arg.workspaceId}::int, ${arg.id}, ${arg.candidate}::int, ${arg.hash}, ${arg.base}::int,
      ${arg.days}::int, 'running', ${arg.requestedBy}, ${arg.at}::timestamptz, ${arg.at}::timestamptz)
    on conflict do nothing
    returning id`,
)
