import type { TransactionSql } from 'postgres'
import type { ObjectiveRow } from '../../blackboard/query/listObjectives.ts'
import { listTasks, type TaskRow } from '../../blackboard/query/listTasks.ts'
import { lockObjective } from '../../blackboard/query/lockObjective.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import { isOver, type ObjectiveNews, type ObjectiveState } from '../model/objective.ts'
import { taskInputSchema, type TaskState } from '../model/task.ts'
import { demand, type Reader } from '../read/reader.ts'
import { advance, move, type TaskMove } from './advance.ts'
import { announce } from './announce.ts'
import { skipOpen } from './conclude.ts'

/** What a person changes about an objective: where it stands from then on, and moves of its tasks. */
interface Change {
  right: 'administer' | 'approve'
  action: string
  payload?: JsonObject
  /** @throws what it cannot be done for */
  apply(
    objective: ObjectiveRow,
    tasks: readonly TaskRow[],
  ): { state: ObjectiveState; moves: readonly TaskMove[]; news?: ObjectiveNews }
}

async function change(reader: Reader, id: string, act: Change): Promise<string> {
  demand(reader, act.right, 'Objective')
  const { board, principal } = reader
  const { workspaceId } = principal
  await transact(board.db, async (tx) => {
    const [objective] = await lockObjective(tx, { workspaceId, id })
    if (!objective) throw fail('not_found', { what: 'objective' })
    const tasks = await listTasks(tx, { workspaceId, objectives: [id], round: null })
    const { state, moves, news } = act.apply(objective, tasks)
    const place = { workspaceId, objective: id, now: board.clock.now() }
    await move(tx, place, moves)
    await settle(tx, reader, { ...objective, state })
    if (news) await announce(tx, board, workspaceId, objective, news)
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: act.action,
      object: `objective:${id}`,
      payload: { ...act.payload, state },
    })
  })
  board.signals.send('task')
  board.signals.send('audit')
  return id
}

async function settle(
  tx: TransactionSql,
  { board, principal: { workspaceId } }: Reader,
  objective: ObjectiveRow,
): Promise<void> {
  const { tasks } = await advance(tx, board, workspaceId, objective)
  if (isOver(objective.state))
    await skipOpen(tx, { workspaceId, objective: objective.id, now: board.clock.now() }, tasks)
}

const refuse = ({ state }: { state: string }, act: string) =>
  fail('objective_state', { state, act })

/** Nobody begins a task of it; what is under way is taken when it is done. @throws forbidden, not_found, objective_state */
export const pauseObjective = (reader: Reader, id: string): Promise<string> =>
  change(reader, id, {
    right: 'administer',
    action: 'objective.pause',
    apply(objective) {
      if (objective.state !== 'running') throw refuse(objective, 'pause it')
      return { state: 'paused', moves: [] }
    },
  })

/** Lets a draft begin, or one that was paused go on. @throws forbidden, not_found, objective_state */
export const resumeObjective = (reader: Reader, id: string): Promise<string> =>
  change(reader, id, {
    right: 'administer',
    action: 'objective.resume',
    apply(objective) {
      const { state } = objective
      if (state !== 'draft' && state !== 'paused') throw refuse(objective, 'resume it')
      return { state: 'running', moves: [], ...(state === 'draft' ? { news: 'started' } : {}) }
    },
  })

/** Ends it for good, with all of its tasks. @throws forbidden, not_found, objective_state */
export const stopObjective = (reader: Reader, id: string): Promise<string> =>
  change(reader, id, {
    right: 'administer',
    action: 'objective.stop',
    apply(objective) {
      if (isOver(objective.state)) throw refuse(objective, 'stop it')
      return { state: 'stopped', moves: [], news: 'stopped' }
    },
  })

/** Agrees to the plan that waits. @throws forbidden, not_found, objective_state */
export const approvePlan = (reader: Reader, id: string): Promise<string> =>
  change(reader, id, {
    right: 'approve',
    action: 'objective.approve',
    apply({ state, round }, tasks) {
      const waiting = tasks.filter((task) => task.state === 'approval')
      if (waiting.length === 0) throw refuse({ state }, 'approve a plan of it, since none waits')
      return {
        state,
        moves: waiting.map((task) => ({ id: task.id, state: 'waiting' as const, error: null })),
        payload: { round },
      }
    },
  })

/** Of a task: the objective's id and its own. */
export interface TaskKey {
  objectiveId: string
  id: string
}

type TaskChange = 'edit' | 'skip' | 'retry'

const mayChange: Readonly<Record<TaskChange, readonly TaskState[]>> = {
  edit: ['approval', 'waiting', 'ready', 'halted'],
  skip: ['approval', 'waiting', 'ready', 'running', 'halted'],
  retry: ['halted'],
}

const changeTask = (
  reader: Reader,
  { objectiveId, id }: TaskKey,
  act: TaskChange,
  to: (task: TaskRow) => Omit<TaskMove, 'id'>,
): Promise<string> =>
  change(reader, objectiveId, {
    right: 'administer',
    action: `task.${act}`,
    payload: { task: id },
    apply({ state }, tasks) {
      const task = tasks.find((each) => each.id === id)
      if (!task) throw fail('not_found', { what: 'task' })
      if (isOver(state) || !mayChange[act].includes(task.state))
        throw fail('task_state', { state: task.state, act })
      return { state, moves: [{ id, ...to(task) }] }
    },
  })

/** Has a task begin with another input. @throws forbidden, not_found, task_state, bad_input */
export function editTask(reader: Reader, key: TaskKey, given: unknown): Promise<string> {
  demand(reader, 'administer', 'Objective')
  const input = parseInput(taskInputSchema, given)
  return changeTask(reader, key, 'edit', ({ state, error }) => ({ state, error, input }))
}

/** Leaves a task out; what waits for it goes on. Who does it just then finds it gone. @throws as editTask */
export const skipTask = (reader: Reader, key: TaskKey): Promise<string> =>
  changeTask(reader, key, 'skip', () => ({ state: 'skipped', error: 'task_skipped' }))

/** Has a halted task tried again, by anybody who offers its skill. @throws as editTask */
export const retryTask = (reader: Reader, key: TaskKey): Promise<string> =>
  changeTask(reader, key, 'retry', () => ({
    // A task that could not begin waits again for those before it.
    state: 'waiting',
    error: null,
    attempts: 0,
    tried: [],
    dueAt: reader.board.clock.now(),
  }))
