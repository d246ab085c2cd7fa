import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { progressOf } from '../../../core/model/objective.ts'
import { planProblem, plannedTaskSchema, type TaskState } from '../../../core/model/task.ts'
import { isEnded, joinVerdict, settle, type TaskNode } from '../../../core/model/taskGraph.ts'

const now = new Date('2026-06-01T12:00:00Z')

describe('a join', () => {
  const d = 'done'
  const f = 'failed'
  const s = 'skipped'
  const r = 'running'
  it.each<[before: TaskState[], need: 'all' | number, verdict: string, late: string]>([
    [[], 'all', 'begin', 'begin'],
    [[d, d], 'all', 'begin', 'begin'],
    [[d, r], 'all', 'wait', 'late'],
    [[d, 'halted'], 'all', 'wait', 'late'],
    [[d, f], 'all', 'impossible', 'impossible'],
    [[r, f], 'all', 'impossible', 'impossible'],
    // What was skipped is not needed.
    [[d, s], 'all', 'begin', 'begin'],
    [[s, s], 'all', 'begin', 'begin'],
    [[d, r, r], 1, 'begin', 'begin'],
    [[r, r, r], 1, 'wait', 'late'],
    [[f, f, r], 1, 'wait', 'late'],
    [[f, f, f], 1, 'impossible', 'impossible'],
    [[d, d, r], 2, 'begin', 'begin'],
    [[d, f, r], 2, 'wait', 'late'],
    [[d, f, f], 2, 'impossible', 'impossible'],
    // A quorum is of what is there.
    [[d, s, s], 2, 'impossible', 'impossible'],
  ])('of %j that needs %s comes to %s, and in the end to %s', (before, need, verdict, late) => {
    expect(joinVerdict(before, need, false)).toBe(verdict)
    expect(joinVerdict(before, need, true)).toBe(late)
  })
})

test.each([
  [0.2, 0.24, 0.22, 0.5],
  [0.2, 0.24, 0.3, 1],
  [0.2, 0.24, 0.1, 0],
  [10, 5, 7.5, 0.5],
  [null, 1, 2, null],
  [1, 2, null, null],
  [2, 2, 2, null],
])('from %s to %s, what comes to %s is %s of the way', (before, target, after, progress) => {
  const found = progressOf(target, { before, after })
  if (progress === null) expect(found).toBeNull()
  else expect(found).toBeCloseTo(progress)
})

const node = (key: string, more: Partial<TaskNode> = {}): TaskNode => ({
  key,
  state: 'waiting',
  after: [],
  join: { need: 'all', withinMs: null, onTimeout: 'run' },
  onFailure: 'retry',
  endedAt: null,
  ...more,
})
const moved = (tasks: TaskNode[], at = now) =>
  settle(tasks, at).moves.map(({ key, state }) => `${key} ${state}`)

describe('what others come to', () => {
  const failed = node('a', { state: 'failed', endedAt: now })

  it('goes by the policy of each that cannot begin, and on from there', () => {
    const rest = [node('c', { after: ['b'] })]
    expect(moved([failed, node('b', { after: ['a'] }), ...rest])).toEqual(['b failed', 'c failed'])
    const skipping = node('b', { after: ['a'], onFailure: 'skip' })
    expect(moved([failed, skipping, ...rest])).toEqual(['b skipped', 'c ready'])
    const halting = node('b', { after: ['a'], onFailure: 'halt' })
    expect(moved([failed, halting, ...rest])).toEqual(['b halted'])
  })

  it.each(['run', 'skip'] as const)(
    'is not waited for longer than the join says: %s',
    (onTimeout) => {
      const tasks = [
        node('a', { state: 'done', endedAt: now }),
        node('b', { state: 'running' }),
        node('c', { after: ['a', 'b'], join: { need: 'all', withinMs: 1000, onTimeout } }),
      ]
      const later = new Date(now.getTime() + 1000)
      expect(settle(tasks, now)).toEqual({ moves: [], nextAt: later })
      expect(moved(tasks, later)).toEqual([onTimeout === 'run' ? 'c ready' : 'c skipped'])
    },
  )
})

const arbitraryPlan = fc
  .array(
    fc.record({
      after: fc.uniqueArray(fc.nat(30), { maxLength: 4 }),
      need: fc.oneof(fc.constant('all' as const), fc.integer({ min: 1, max: 4 })),
      onFailure: fc.constantFrom('retry', 'skip', 'halt'),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((drawn) =>
    drawn.map(({ after, need, onFailure }, at) => {
      // Of tasks before it alone, so that there is no ring.
      const keys = [...new Set(after.filter(() => at > 0).map((each) => `t${each % at}`))]
      const fits = need === 'all' || keys.length === 0 ? 'all' : Math.min(need, keys.length)
      return plannedTaskSchema.parse({
        key: `t${at}`,
        skill: 'work',
        after: keys,
        join: { need: fits },
        onFailure,
      })
    }),
  )

test('every plan without a ring comes to its end, whatever fails, once persons see to what is halted', () => {
  fc.assert(
    fc.property(
      arbitraryPlan,
      fc.infiniteStream(fc.constantFrom('done', 'failed')),
      (plan, ends) => {
        expect(planProblem(plan, ['work'])).toBeUndefined()
        let tasks = plan.map((task) => node(task.key, task))
        for (let round = 0; round <= plan.length * 3; round += 1) {
          const moves = new Map(settle(tasks, now).moves.map(({ key, state }) => [key, state]))
          tasks = tasks.map((task) => ({ ...task, state: moves.get(task.key) ?? task.state }))
          const next = tasks.find(({ state }) => state === 'ready' || state === 'halted')
          if (next === undefined) break
          const state = next.state === 'halted' ? 'skipped' : ends.next().value
          tasks = tasks.map((task) => (task === next ? { ...task, state, endedAt: now } : task))
        }
        expect(tasks.filter(({ state }) => !isEnded(state))).toEqual([])
      },
    ),
    { numRuns: 300 },
  )
})

test.each<[problem: string, tasks: object[]]>([
  ['two tasks have the key a', [{ key: 'a' }, { key: 'a' }]],
  ['a needs the skill fly, which nobody offers', [{ key: 'a', skill: 'fly' }]],
  ['a is to plan, which no task of a plan does', [{ key: 'a', skill: 'plan' }]],
  ['a waits for b, which is not in the plan', [{ key: 'a', after: ['b'] }]],
  [
    'a needs 2 tasks done and waits for 1',
    [{ key: 'a', after: ['b'], join: { need: 2 } }, { key: 'b' }],
  ],
  ['tasks wait for each other: a', [{ key: 'a', after: ['a'] }]],
  [
    'tasks wait for each other: a, c, b',
    [
      { key: 'a', after: ['c'] },
      { key: 'b', after: ['a'] },
      { key: 'c', after: ['b'] },
    ],
  ],
])('refuses a plan in which %s', (problem, tasks) => {
  const plan = tasks.map((task) => plannedTaskSchema.parse({ skill: 'work', ...task }))
  expect(planProblem(plan, ['work', 'plan'])).toBe(problem)
})
