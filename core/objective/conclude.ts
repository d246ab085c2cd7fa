import { listDueObjectives } from '../../blackboard/query/listDueObjectives.ts'
import { listObjectives, type ObjectiveRow } from '../../blackboard/query/listObjectives.ts'
import type { TaskRow } from '../../blackboard/query/listTasks.ts'
import { lockObjective } from '../../blackboard/query/lockObjective.ts'
import { moveObjective } from '../../blackboard/query/moveObjective.ts'
import { transact } from '../../blackboard/transact.ts'
import type { TransactionSql } from 'postgres'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { isReached, progressOf, type ObjectiveState } from '../model/objective.ts'
import type { Outcome } from '../model/selection.ts'
import { planningSkill } from '../model/task.ts'
import { isEnded } from '../model/taskGraph.ts'
import { report } from '../select/report.ts'
import { trouble } from '../trouble.ts'
import { addTasks, advance, move, planning } from './advance.ts'
import { announce } from './announce.ts'
import { measure } from './measure.ts'

const objectivesMax = 20

/**
 * Looks at objectives of which something is due: joins that took too long, rounds that are over, deadlines. A round that is
 * over is measured: the objective is reached, planned anew, or missed. Returns how many it looked at.
 */
export async function concludeObjectives(board: Board): Promise<number> {
  const now = board.clock.now().toISOString()
  const due = await listDueObjectives(board.db.sql, { now, limit: objectivesMax })
  let count = 0
  for (const { workspaceId, id } of due) {
    try {
      await look(board, workspaceId, id)
      count += 1
    } catch (thrown) {
      // The others are not to wait for one that cannot be measured.
      board.log.error({ objective: id, ...trouble(thrown) }, 'an objective could not be looked at')
    }
  }
  return count
}

async function look(board: Board, workspaceId: number, id: string): Promise<void> {
  const [objective] = await listObjectives(board.db.sql, { workspaceId, ids: [id], limit: 1 })
  if (!objective) return
  const isDue = await transact(
    board.db,
    async (tx) => (await standing(tx, board, workspaceId, id)).isDue,
  )
  board.signals.send('task')
  if (!isDue) return
  // All profiles are read for it, so no lock is held meanwhile.
  const measured = await measure(board, { workspaceId, ...objective })
  const plan = await transact(board.db, (tx) =>
    concludeOne(tx, board, { workspaceId, id, measured }),
  )
  if (plan) await report(board, workspaceId, [plan])
  board.signals.send('task')
  board.signals.send('audit')
}

/** Holds the objective, moves its tasks on, and says whether it is to be measured now. */
async function standing(tx: TransactionSql, board: Board, workspaceId: number, id: string) {
  const [objective] = await lockObjective(tx, { workspaceId, id })
  if (objective?.state !== 'running') return { isDue: false } as const
  const now = board.clock.now()
  const { tasks, isOver, measureAt } = await advance(tx, board, workspaceId, objective)
  const isLate = objective.deadline <= now
  return { objective, tasks, now, isLate, isDue: isLate || (isOver && measureAt <= now) }
}

/** @returns what is learned of the round's planner */
async function concludeOne(
  tx: TransactionSql,
  board: Board,
  { workspaceId, id, measured }: { workspaceId: number; id: string; measured: number | null },
): Promise<Outcome | undefined> {
  const stands = await standing(tx, board, workspaceId, id)
  if (!stands.isDue) return undefined
  const { objective, tasks, now, isLate } = stands
  const state = stateAfter(objective, measured, isLate)
  const round = state === 'running' ? objective.round + 1 : objective.round
  const at = now.toISOString()
  if (state === 'running') {
    await addTasks(tx, board, { workspaceId, objective: id, round }, [planning], 'ready')
  } else await skipOpen(tx, { workspaceId, objective: id, now }, tasks)
  const dueAt = objective.deadline.toISOString()
  await moveObjective(tx, { workspaceId, id, state, round, dueAt, isMeasured: true, measured, at })
  const news = state === 'running' ? 'planned' : state
  await announce(tx, board, workspaceId, { ...objective, round }, news)
  await audit(tx, board, {
    workspaceId,
    actor: 'system',
    action: state === 'running' ? 'objective.plan' : 'objective.end',
    object: `objective:${id}`,
    payload: { state, round, measured },
  })
  return worthOf(objective, tasks, measured)
}

/** What the plan of the round was worth: how much of the way to the target it brought. */
function worthOf(
  { round, target, measured: before }: ObjectiveRow,
  tasks: readonly TaskRow[],
  after: number | null,
): Outcome | undefined {
  const plan = tasks.find((task) => task.round === round && task.skill === planningSkill)
  const progress = progressOf(target, { before, after })
  if (plan?.state !== 'done' || plan.performer === null || progress === null) return undefined
  return {
    capability: planningSkill,
    agent: plan.performer,
    task: { kind: plan.kind, context: [] },
    score: { relevance: 1, completeness: progress, confidence: 1 },
  }
}

function stateAfter(
  objective: ObjectiveRow,
  measured: number | null,
  isLate: boolean,
): Extract<ObjectiveState, 'running' | 'reached' | 'missed'> {
  if (isReached(objective, measured)) return 'reached'
  return isLate || objective.round >= objective.roundsMax ? 'missed' : 'running'
}

/** What an objective that is over needs no more. Who does one of them meanwhile finds it gone. */
export const skipOpen = (
  tx: TransactionSql,
  place: { workspaceId: number; objective: string; now: Date },
  tasks: readonly TaskRow[],
): Promise<void> =>
  move(
    tx,
    place,
    tasks.flatMap(({ id, state }) =>
      isEnded(state) ? [] : [{ id, state: 'skipped' as const, error: 'objective_over' }],
    ),
  )
