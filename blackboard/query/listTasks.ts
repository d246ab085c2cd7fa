import { sql } from 'drizzle-orm/sql/sql'
import type { Json, JsonObject } from '../../core/model/json.ts'
import type { TaskJoin, TaskState } from '../../core/model/task.ts'
import { statement } from '../statement.ts'

export interface TaskRow {
  objectiveId: string
  id: string
  round: number
  key: string
  skill: string
  kind: string
  input: JsonObject
  after: string[]
  join: TaskJoin
  onFailure: 'retry' | 'skip' | 'halt'
  state: TaskState
  performer: string | null
  tried: string[]
  attempts: number
  dueAt: Date
  leaseOwner: string | null
  leaseEpoch: number
  result: Json
  error: string | null
  createdAt: Date
  updatedAt: Date
  endedAt: Date | null
}

/** Of a task `t`. */
export const taskColumns = sql.raw(`t.objective_id as "objectiveId", t.id, t.round, t.key, t.skill,
  t.kind, t.input, t.after, t.joins as join, t.on_failure as "onFailure", t.state, t.performer, t.tried,
  t.attempts, t.due_at as "dueAt", t.lease_owner as "leaseOwner", t.lease_epoch::float8 as "leaseEpoch",
  t.result, t.error, t.created_at as "createdAt", t.updated_at as "updatedAt", t.ended_at as "endedAt"`)

/** The tasks of objectives, of one round alone where it is given, in the order in which they were planned. */
export const listTasks = statement<
  { workspaceId: number; objectives: readonly string[]; round: number | null },
  TaskRow
>(
  (arg) => sql`
    select ${taskColumns}
    from task t
    where t.workspace_id = ${arg.workspaceId}::int and t.objective_id = any(${arg.objectives}::text[])
      and (${arg.round}::smallint is null or t.round = ${arg.round}::smallint)
    order by t.objective_id, t.id`,
)
