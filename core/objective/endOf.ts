import type { ClaimedTask } from '../../blackboard/query/claimTasks.ts'
import type { Judged } from '../host/host.ts'
import type { RunnablePerformer } from '../host/registry.ts'
import type { Score } from '../model/score.ts'
import { planningSkill, planProblem, type PlannedTask, type TaskOutcome } from '../model/task.ts'
import { stateAfterFailure } from '../model/taskGraph.ts'
import type { TaskMove } from './advance.ts'

/** Times that one performer is asked for a task; then another one is. */
export const attemptsMax = 2
const backoffBaseMs = 1000
/** What failed around the performer is tried again so much later, and costs no attempt. */
const outsideRetryMs = 1000

/** What a try at a task came to. */
export interface End {
  move: Omit<TaskMove, 'id'>
  /** Tasks that are to be added. */
  plan: readonly PlannedTask[]
  performer: string | null
  /** What the performer is taken to have been worth; null where that tells nothing. */
  score: Score | null
  /** Of a failure. */
  code: string | null
}

interface Tried {
  task: Pick<ClaimedTask, 'skill' | 'attempts' | 'tried' | 'onFailure'>
  performer: RunnablePerformer | undefined
  /** Undefined when something around the performer failed. */
  outcome: Judged<TaskOutcome> | undefined
  /** That somebody offers, for a plan. */
  skills: readonly string[]
  offering: readonly RunnablePerformer[]
  now: Date
}

// What a performer does not say of its own answer is taken to be all right.
const unsaid: Score = { relevance: 1, completeness: 1, confidence: 1 }
const worthless: Score = { relevance: 0, completeness: 0, confidence: 0 }

export function endOf(tried: Tried): End {
  const { task, performer, outcome, skills, now } = tried
  const name = performer?.name ?? null
  const none = { plan: [], performer: name, score: null, code: null }
  if (performer === undefined || outcome === undefined) {
    const dueAt = new Date(now.getTime() + outsideRetryMs)
    return { ...none, move: { state: 'ready', error: null, dueAt, attempts: task.attempts - 1 } }
  }
  const by = { performer: performer.name }
  if (!outcome.ok) return failed(tried, performer.name, outcome.code, outcome.message)
  const said = outcome.outcome
  if (said.kind === 'snooze') {
    const dueAt = new Date(now.getTime() + said.ms)
    const move = { state: 'ready' as const, error: null, dueAt, attempts: task.attempts - 1, ...by }
    return { ...none, move }
  }
  if (said.kind === 'cancel') {
    return { ...none, move: { state: 'skipped', error: said.reason, ...by } }
  }
  const { result, tasks: plan = [], score = unsaid } = said
  const problem = flawOf(task, plan, skills)
  if (problem !== undefined) return failed(tried, performer.name, 'task_plan_invalid', problem)
  return { ...none, plan, score, move: { state: 'done', error: null, result, ...by } }
}

function flawOf(
  { skill }: Tried['task'],
  plan: readonly PlannedTask[],
  skills: readonly string[],
): string | undefined {
  if (skill === planningSkill) return planProblem(plan, skills)
  return plan.length > 0 ? 'only a task of the skill plan makes a plan' : undefined
}

/** Tried again by the same performer, then by others that offer the skill, and then by its own policy. */
function failed(
  { task, offering, now }: Tried,
  performer: string,
  code: string,
  message: string,
): End {
  const end = { plan: [], performer, score: worthless, code }
  const error = `${code}: ${message}`.slice(0, 500)
  if (task.onFailure === 'skip') return { ...end, move: { state: 'skipped', error, performer } }
  const isSpent = task.attempts >= attemptsMax
  const tried = isSpent ? [...new Set([...task.tried, performer])] : task.tried
  if (offering.every(({ name }) => tried.includes(name))) {
    return { ...end, move: { state: stateAfterFailure[task.onFailure], error, performer, tried } }
  }
  const dueAt = new Date(now.getTime() + backoffBaseMs * 2 ** (task.attempts - 1))
  const attempts = isSpent ? 0 : task.attempts
  return { ...end, move: { state: 'ready', error, performer, tried, attempts, dueAt } }
}
