import { listBudgets } from '../../blackboard/query/listBudgets.ts'
import { listObjectives } from '../../blackboard/query/listObjectives.ts'
import { listTasks, type TaskRow } from '../../blackboard/query/listTasks.ts'
import type { ClaimedTask } from '../../blackboard/query/claimTasks.ts'
import type { Board } from '../board.ts'
import type { TaskInput, TaskResult } from '../host/contract.ts'
import { planningSkill } from '../model/task.ts'

/** Results that a planner is told at most, the latest. */
const resultsMax = 100

/** What a performer is handed for a task, but for its config; undefined where the objective is gone. */
export async function inputOf(
  { db, clock }: Pick<Board, 'db' | 'clock'>,
  task: ClaimedTask,
  skills: readonly string[],
): Promise<Omit<TaskInput, 'config'> | undefined> {
  const { workspaceId, objectiveId: id } = task
  const isPlanning = task.skill === planningSkill
  const [[objective], tasks] = await Promise.all([
    listObjectives(db.sql, { workspaceId, ids: [id], limit: 1 }),
    listTasks(db.sql, { workspaceId, objectives: [id], round: isPlanning ? null : task.round }),
  ])
  if (!objective) return undefined
  const names = objective.budgets
  const budgets = names.length === 0 ? [] : await listBudgets(db.sql, { workspaceId, names })
  const { name, brief, target, direction, baseline, measured, round, roundsMax } = objective
  const { key, skill, input, attempts: attempt } = task
  return {
    objective: { id, name, brief, target, direction, baseline, measured, round, roundsMax },
    task: { id: task.id, key, skill, input, attempt },
    results: (isPlanning ? before(tasks, task) : waitedFor(tasks, task)).flatMap(resultOf),
    skills: isPlanning ? [...skills] : [],
    budgets: budgets.map(({ name: budget, unit, cap, spent }) => ({
      name: budget,
      unit,
      left: cap - spent,
    })),
    now: clock.now().toISOString(),
  }
}

const before = (tasks: readonly TaskRow[], { round }: ClaimedTask): TaskRow[] =>
  tasks.filter((task) => task.round < round && task.skill !== planningSkill).slice(-resultsMax)

const waitedFor = (tasks: readonly TaskRow[], { round, after }: ClaimedTask): TaskRow[] =>
  tasks.filter((task) => task.round === round && after.includes(task.key))

function resultOf({ round, key, skill, state, result }: TaskRow): TaskResult[] {
  if (state !== 'done' && state !== 'failed' && state !== 'skipped') return []
  return [{ round, key, skill, state, result: state === 'done' ? result : null }]
}
