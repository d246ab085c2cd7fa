import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const insertObjective = statement<
  {
    workspaceId: number
    id: string
    name: string
    purpose: string
    metric: string
    brief: string
    budgets: readonly string[]
    direction: 'up' | 'down'
    target: number
    baseline: number | null
    state: 'draft' | 'running'
    roundsMax: number
    approvesPlans: boolean
    settlingMs: number
    deadline: string
    by: string
    at: string
  },
  never
>(
  (arg) => sql`
    insert into objective (workspace_id, id, name, purpose, metric, brief, budgets, direction, target, baseline,
      measured, measured_at, state, round, rounds_max, approves_plans, settling_ms, deadline, due_at, created_by,
      created_at, updated_at)
    values (${arg.workspaceId}::int, ${arg.id}::text, ${arg.name}::text, ${arg.purpose}::text,
      ${arg.metric}::text::jsonb, ${arg.brief}::text::jsonb, ${arg.budgets}::text[],
      ${arg.direction}::text, ${arg.target}::float8, ${arg.baseline}::float8, ${arg.baseline}::float8,
      ${arg.at}::timestamptz, ${arg.state}::text, 1, ${arg.roundsMax}::smallint,
      ${arg.approvesPlans}::boolean, ${arg.settlingMs}::bigint, ${arg.deadline}::timestamptz,
      ${arg.deadline}::timestamptz, ${arg.by}::text, ${arg.at}::timestamptz, ${arg.at}::timestamptz)`,
)
