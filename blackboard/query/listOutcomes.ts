import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What came of tasks of a kind for each agent of a capability. */
export const listOutcomes = statement<
  { workspaceId: number; capability: string; kind: string },
  { agent: string; outcomes: number; others: number; sums: number[] }
>(
  (arg) => sql`
    select agent, outcomes::float8 as outcomes, others::float8 as others, sums
    from agent_outcome
    where workspace_id = ${arg.workspaceId}::int and capability = ${arg.capability}::text
      and kind = ${arg.kind}::text
    order by agent`,
)
