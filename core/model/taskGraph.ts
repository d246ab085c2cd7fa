/** What becomes of tasks when others before them have come to an end. Pure. */
import type { TaskJoin, TaskState } from './task.ts'

/** A task as far as the others go by it. */
export interface TaskNode {
  key: string
  state: TaskState
  after: readonly string[]
  join: TaskJoin
  onFailure: 'retry' | 'skip' | 'halt'
  /** When it came to its end; null where it has not. */
  endedAt: Date | null
}

export interface TaskMove {
  key: string
  state: TaskState
  error: string | null
}

const ended: ReadonlySet<TaskState> = new Set(['done', 'failed', 'skipped'])
export const isEnded = (state: TaskState): boolean => ended.has(state)

export const isRoundOver = (tasks: readonly Pick<TaskNode, 'state'>[]): boolean =>
  tasks.every(({ state }) => isEnded(state))

/** What a task that did not get done comes to by its own policy. */
export const stateAfterFailure = {
  retry: 'failed',
  skip: 'skipped',
  halt: 'halted',
} as const satisfies Record<TaskNode['onFailure'], TaskState>

type Verdict = 'begin' | 'wait' | 'impossible' | 'late'

/**
 * Whether a task may begin. `all` counts the tasks before it that were not skipped; a number counts those that are
 * done. A join that can no longer come about is `impossible`, one whose time is over is `late`.
 *
 * @param isLate the time that the join may take is over
 */
export function joinVerdict(
  before: readonly TaskState[],
  need: TaskJoin['need'],
  isLate: boolean,
): Verdict {
  const count = (state: TaskState) => before.filter((each) => each === state).length
  const wanted = need === 'all' ? before.length - count('skipped') : need
  const done = count('done')
  if (done >= wanted) return 'begin'
  const open = before.filter((state) => !isEnded(state)).length
  if (done + open < wanted) return 'impossible'
  return isLate ? 'late' : 'wait'
}

/** What moves on by itself now, and when something does next; every move may bring about others. */
export function settle(
  tasks: readonly TaskNode[],
  now: Date,
): { moves: TaskMove[]; nextAt: Date | null } {
  const nodes = new Map(tasks.map((task) => [task.key, { ...task }]))
  const moves: TaskMove[] = []
  let nextAt: Date | null = null
  for (let isMoving = true; isMoving;) {
    isMoving = false
    nextAt = null
    for (const node of nodes.values()) {
      if (node.state !== 'waiting') continue
      const before = node.after.flatMap((key) => nodes.get(key) ?? [])
      const lateAt = latestOf(node, before)
      const move = moveOf(node, before, lateAt !== null && lateAt <= now)
      if (move === undefined) nextAt = earlier(nextAt, lateAt)
      else {
        moves.push(move)
        node.state = move.state
        node.endedAt = isEnded(move.state) ? now : null
        isMoving = true
      }
    }
  }
  return { moves, nextAt }
}

function moveOf(
  node: TaskNode,
  before: readonly TaskNode[],
  isLate: boolean,
): TaskMove | undefined {
  const states = before.map(({ state }) => state)
  const { key, join, onFailure } = node
  switch (joinVerdict(states, join.need, isLate)) {
    case 'begin':
      return { key, state: 'ready', error: null }
    case 'late':
      return join.onTimeout === 'run'
        ? { key, state: 'ready', error: null }
        : { key, state: 'skipped', error: 'task_join_late' }
    case 'impossible':
      return { key, state: stateAfterFailure[onFailure], error: 'task_join_impossible' }
    case 'wait':
    default:
      return undefined
  }
}

/** Its time begins with the first task before it that is done. */
function latestOf({ join: { withinMs } }: TaskNode, before: readonly TaskNode[]): Date | null {
  const ends = before.flatMap(({ state, endedAt }) =>
    state === 'done' && endedAt !== null ? endedAt.getTime() : [],
  )
  return withinMs === null || ends.length === 0 ? null : new Date(Math.min(...ends) + withinMs)
}

export const earlier = (one: Date | null, other: Date | null): Date | null => {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
