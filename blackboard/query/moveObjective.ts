import { sql } from 'drizzle-orm/sql/sql'
import type { ObjectiveState } from '../../core/model/objective.ts'
import { statement } from '../statement.ts'

/** Moves an objective that the transaction holds. What was not measured stays as it was. */
export const moveObjective = statement<
  {
    workspaceId: number
    id: string
    state: ObjectiveState
    round: number
    dueAt: string
    isMeasured: boolean
    measured: number | null
    at: string
  },
  never
>(
  (arg) => sql`
    update objective
    set state = ${arg.state}::text, round = ${arg.round}::smallint, due_at = ${arg.dueAt}::timestamptz,
      measured = case when ${arg.isMeasured}::boolean then ${arg.measured}::float8 else measured end,
      measured_at = case when ${arg.isMeasured}::boolean then ${arg.at}::timestamptz else measured_at end,
      ended_at = case when ${arg.state}::text in ('reached', 'missed', 'stopped')
        then ${arg.at}::timestamptz end,
      updated_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text`,
)
