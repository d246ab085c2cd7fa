import { sql } from 'drizzle-orm/sql/sql'
import type { Score } from '../../core/model/score.ts'
import { statement } from '../statement.ts'

/** The mean scores of the agents named over all that they were chosen for, the latest weighing most. */
export const listAgentScores = statement<
  { workspaceId: number; agents: readonly string[] },
  Score & { agent: string; samples: number }
>(
  // The first five sums are weight, reward², relevance, completeness and confidence (core/select/sums.ts).
  (arg) => sql`
    select agent, sum(outcomes)::float8 as samples, sum(sums[3]) / sum(sums[1]) as relevance,
      sum(sums[4]) / sum(sums[1]) as completeness, sum(sums[5]) / sum(sums[1]) as confidence
    from agent_outcome
    where workspace_id = ${arg.workspaceId}::int and agent = any(${arg.agents}::text[])
    group by agent`,
)
