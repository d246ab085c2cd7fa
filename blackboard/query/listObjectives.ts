import { sql } from 'drizzle-orm/sql/sql'
import type { JsonObject } from '../../core/model/json.ts'
import type { Metric, ObjectiveState } from '../../core/model/objective.ts'
import { statement } from '../statement.ts'

export interface ObjectiveRow {
  id: string
  name: string
  purpose: string
  metric: Metric
  brief: JsonObject
  budgets: string[]
  direction: 'up' | 'down'
  target: number
  baseline: number | null
  measured: number | null
  measuredAt: Date | null
  state: ObjectiveState
  round: number
  roundsMax: number
  approvesPlans: boolean
  settlingMs: number
  deadline: Date
  dueAt: Date
  createdBy: string
  createdAt: Date
  updatedAt: Date
  endedAt: Date | null
}

/** Of an objective `o`. */
export const objectiveColumns = sql.raw(`o.id, o.name, o.purpose, o.metric, o.brief, o.budgets,
  o.direction, o.target, o.baseline, o.measured, o.measured_at as "measuredAt", o.state, o.round,
  o.rounds_max as "roundsMax", o.approves_plans as "approvesPlans", o.settling_ms::float8 as "settlingMs",
  o.deadline, o.due_at as "dueAt", o.created_by as "createdBy", o.created_at as "createdAt",
  o.updated_at as "updatedAt", o.ended_at as "endedAt"`)

/** The newest, or those named. */
export const listObjectives = statement<
  { workspaceId: number; ids: readonly string[] | null; limit: number },
  ObjectiveRow
>(
  (arg) => sql`
    select ${objectiveColumns}
    from objective o
    where o.workspace_id = ${arg.workspaceId}::int
      and (${arg.ids}::text[] is null or o.id = any(${arg.ids}::text[]))
    order by o.id desc
    limit ${arg.limit}::int`,
)
