import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface AgentWeightRow {
  agent: string
  delta: number
  reason: string
  /** Id of a principal. */
  setBy: string
  setAt: Date
}

export const findAgentWeights = statement<{ workspaceId: number }, AgentWeightRow>(
  (arg) => sql`
    select agent, delta, reason, set_by as "setBy", set_at as "setAt" from agent_weight
    where workspace_id = ${arg.workspaceId}::int
    order by agent`,
)
