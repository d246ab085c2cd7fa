/** What comes of tasks that have ended, in the transaction of whoever holds their objective. */
import type { TransactionSql } from 'postgres'
import { insertTasks } from '../../blackboard/query/insertTasks.ts'
import type { ObjectiveRow } from '../../blackboard/query/listObjectives.ts'
import { listTasks, type TaskRow } from '../../blackboard/query/listTasks.ts'
import { moveObjective } from '../../blackboard/query/moveObjective.ts'
import { moveTasks } from '../../blackboard/query/moveTasks.ts'
import type { Board } from '../board.ts'
import { planningSkill, type PlannedTask, type TaskState } from '../model/task.ts'
import { earlier, isEnded, isRoundOver, settle } from '../model/taskGraph.ts'

/** A task as it goes into the database. */
export interface TaskMove {
  id: string
  state: TaskState
  error: string | null
  dueAt?: Date
  attempts?: number
  tried?: string[]
  performer?: string
  result?: unknown
  input?: unknown
}

/**
 * Moves on what may, and notes when the objective is to be looked at next.
 *
 * @returns the tasks of its round as they are then, whether all have ended, and when that may be measured
 */
export async function advance(
  tx: TransactionSql,
  board: Pick<Board, 'clock'>,
  workspaceId: number,
  objective: ObjectiveRow,
): Promise<{ tasks: TaskRow[]; isOver: boolean; measureAt: Date }> {
  const now = board.clock.now()
  const { id, round, deadline, settlingMs } = objective
  const tasks = await listTasks(tx, { workspaceId, objectives: [id], round })
  const { moves, nextAt } = settle(tasks, now)
  const moved = new Map(moves.map(({ key, ...rest }) => [key, rest]))
  const settled = tasks.map((task) => {
    const to = moved.get(task.key)
    return to ? { ...task, ...to, endedAt: isEnded(to.state) ? now : null } : task
  })
  await move(
    tx,
    { workspaceId, objective: id, now },
    settled
      .filter(({ key }) => moved.has(key))
      .map((task) => ({ id: task.id, state: task.state, error: task.error })),
  )
  const isOver = isRoundOver(settled)
  const lastEnd = Math.max(0, ...settled.map(({ endedAt }) => endedAt?.getTime() ?? 0))
  const measureAt = new Date(lastEnd + settlingMs)
  const wakeAt = earlier(deadline, isOver ? measureAt : nextAt) ?? deadline
  await moveObjective(tx, {
    ...objective,
    workspaceId,
    dueAt: wakeAt.toISOString(),
    isMeasured: false,
    measured: null,
    at: now.toISOString(),
  })
  return { tasks: settled, isOver, measureAt }
}

/** The caller holds the objective. */
export async function move(
  tx: TransactionSql,
  { workspaceId, objective, now }: { workspaceId: number; objective: string; now: Date },
  moves: readonly TaskMove[],
): Promise<void> {
  if (moves.length === 0) return
  const at = now.toISOString()
  await moveTasks(tx, { workspaceId, objective, moves: JSON.stringify(moves), at })
}

/** The first task of a round: somebody is to make a plan. A planner that fails for good waits for a person. */
export const planning: PlannedTask = {
  key: planningSkill,
  skill: planningSkill,
  kind: 'any',
  input: {},
  after: [],
  join: { need: 'all', withinMs: null, onTimeout: 'run' },
  onFailure: 'halt',
}

export async function addTasks(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  place: { workspaceId: number; objective: string; round: number },
  tasks: readonly PlannedTask[],
  state: TaskState,
): Promise<void> {
  if (tasks.length === 0) return
  const { workspaceId, objective, round } = place
  const rows = tasks.map((task) => ({ ...task, id: clock.id(), round, state }))
  await insertTasks(tx, {
    workspaceId,
    objective,
    tasks: JSON.stringify(rows),
    at: clock.now().toISOString(),
  })
}
