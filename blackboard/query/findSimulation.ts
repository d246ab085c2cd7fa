import { sql } from 'drizzle-orm/sql/sql'
import type { SimulationResult, SimulationState } from '../../core/model/simulation.ts'
import { statement } from '../statement.ts'

export interface SimulationRow {
  id: string
  candidate: number | null
  candidateSha256: string
  base: number | null
  days: number
  state: SimulationState
  done: number
  total: number
  result: SimulationResult | null
  failure: string | null
  requestedBy: string
  startedAt: Date
  finishedAt: Date | null
}

export const findSimulation = statement<{ workspaceId: number; id: string }, SimulationRow>(
  (arg) => sql`
    select id, candidate, candidate_sha256 as "candidateSha256", base, days, state, done::float8 as done,
      total::float8 as total, result, failure, requested_by as "requestedBy",
      started_at as "startedAt", finished_at as "finishedAt"
    from policy_simulation where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}`,
)
