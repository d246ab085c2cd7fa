import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../api/demo/random.ts'
import type { Candidate, Evidence, Task } from '../../../core/model/selection.ts'
import { chancesOfBest, drawNormal } from '../../../core/select/best.ts'
import { learn, pick } from '../../../core/select/pick.ts'
import { selectorSettings } from '../../../core/select/settings.ts'
import { runSeason } from '../../bench/selection/season.ts'

const candidate = (agent: string, declared: number): Candidate => ({
  agent,
  efficiency: { mail: declared },
})
const ann = candidate('shop/ann', 0.5)
const bob = candidate('shop/bob', 0.5)
const task = (value: number): Task => ({ kind: 'mail', context: [value] })

/** Ann is good where the number is high, Bob where it is low; `turned` is the other way round. */
const rewardOf = (agent: string, value: number, turned = false): number =>
  (agent === ann.agent) === turned ? 0.8 - 0.6 * value : 0.2 + 0.6 * value

/** Lets the selector work for so many tasks, and gives what it knows then. */
function work(seed: number, count: number, start: readonly Evidence[], turned = false): Evidence[] {
  const random = createRandom(seed)
  let known = [...start]
  for (let n = 0; n < count; n += 1) {
    const value = random.next()
    const chosen = pick([ann, bob], task(value), known, random.next)?.choice.agent ?? ''
    const noise = (random.next() - 0.5) * 0.2
    known = learn(known, chosen, task(value), rewardOf(chosen, value, turned) + noise)
  }
  return known
}

const bestAt = (value: number, known: readonly Evidence[]) =>
  pick([ann, bob], task(value), known, null)?.choice

describe('against others, with 3 agents and 5,000 outcomes', () => {
  const [ours, random, fixed] = (['ours', 'random', 'static best'] as const).map((name) =>
    runSeason(11, 3, name),
  )

  test('picks the best more often than chance and than the agent that is best on the whole', () => {
    expect(ours?.first.accuracy).toBeGreaterThan(0.85)
    expect(random?.first.accuracy).toBeLessThan(0.4)
    expect(fixed?.first.accuracy).toBeLessThan(0.8)
    expect(ours?.regret).toBeLessThan((fixed?.regret ?? 0) / 2)
  })

  test('does so again after a drift, and with an agent that nobody has seen', () => {
    expect(ours?.recovered).toBeLessThan(5000)
    expect(ours?.drifted.accuracy).toBeGreaterThan(Math.max(0.8, fixed?.drifted.accuracy ?? 1))
    expect(ours?.unseen.accuracy).toBeGreaterThan(Math.max(0.8, fixed?.unseen.accuracy ?? 1))
  })

  test('says how sure it is within a tenth', () => {
    expect(ours?.first.ece).toBeLessThan(0.1)
    expect(ours?.drifted.ece).toBeLessThan(0.1)
  })
})

test('learns who is good at what, and learns anew when that turns round', () => {
  const known = work(1, 400, [])
  expect(bestAt(0.9, known)).toMatchObject({ agent: ann.agent })
  expect(bestAt(0.1, known)).toMatchObject({ agent: bob.agent })
  expect(bestAt(0.9, known)?.confidence).toBeGreaterThan(0.99)
  expect(bestAt(0.9, known)?.expected).toBeGreaterThan(0.65)
  const later = work(2, 1500, known, true)
  expect(bestAt(0.9, later)).toMatchObject({ agent: bob.agent })
  expect(bestAt(0.1, later)).toMatchObject({ agent: ann.agent })
})

test('begins with what agents say of themselves, and doubts it', () => {
  const [poor, rich] = [candidate('a', 0.4), candidate('b', 0.7)]
  const picked = pick([poor, rich], task(0.5), [], null)
  expect(picked?.choice).toMatchObject({ agent: 'b', expected: expect.closeTo(0.7) })
  expect(picked?.choice.confidence).toBeGreaterThan(0.5)
  expect(picked?.choice.confidence).toBeLessThan(0.95)
  expect(picked?.others.map(({ agent }) => agent)).toEqual(['a'])
})

test('tries an agent that came later, and keeps to it where it is better', () => {
  let known = work(3, 400, [])
  const eve = candidate('shop/eve', 0.6)
  const random = createRandom(4)
  for (let n = 0; n < 300; n += 1) {
    const value = random.next()
    const chosen = pick([ann, bob, eve], task(value), known, random.next)?.choice.agent ?? ''
    const reward = chosen === eve.agent ? 0.9 : rewardOf(chosen, value)
    known = learn(known, chosen, task(value), reward)
  }
  const picked = pick([ann, bob, eve], task(0.5), known, null)
  expect(picked?.choice).toMatchObject({ agent: eve.agent })
  expect(picked?.choice.expected).toBeCloseTo(0.9, 1)
})

test('doubts an agent again that it has not chosen for long', () => {
  const known = [0.2, 0.4, 0.6, 0.8].reduce<Evidence[]>(
    (all, value) => learn(learn(all, ann.agent, task(value), 0.8), bob.agent, task(value), 0.2),
    [],
  )
  const errorOf = (of: readonly Evidence[]) =>
    pick([ann, bob], task(0.5), of, null)?.others[0]?.error ?? 0
  let later = known
  for (let n = 0; n < 3000; n += 1) later = learn(later, ann.agent, task(0.5), 0.8)
  expect(errorOf(later)).toBeGreaterThan(errorOf(known))
})

test('is the same for the same chances, and what it knows is plain JSON', () => {
  const known = work(5, 200, [])
  expect(work(5, 200, [])).toEqual(known)
  const stored: Evidence[] = JSON.parse(JSON.stringify(known))
  expect(stored).toEqual(known)
  expect(pick([ann, bob], task(0.3), stored, createRandom(6).next)).toEqual(
    pick([ann, bob], task(0.3), known, createRandom(6).next),
  )
})

test('has nobody to choose among no candidates, and is sure of the only one', () => {
  expect(pick([], task(0.5), [], null)).toBeNull()
  expect(pick([ann], task(0.5), [], null)?.choice).toMatchObject({
    agent: ann.agent,
    confidence: 1,
  })
})

test('takes tasks of another shape for tasks that nothing is known of, and counts on', () => {
  const known = work(7, 50, [])
  const wider: Task = { kind: 'mail', context: [0.5, 0.5] }
  expect(pick([ann], wider, known, null)?.choice.expected).toBe(0.5)
  const before = known.find(({ agent }) => agent === ann.agent)?.outcomes ?? 0
  const own = learn(known, ann.agent, wider, 0.9).find(({ agent }) => agent === ann.agent)
  expect(own).toMatchObject({ outcomes: before + 1, weight: 1 })
  expect(own?.moment).toHaveLength(3)
})

test('keeps to the ridge regression towards what was declared, solved by hand', () => {
  const known = learn([], 'a', { kind: 'mail', context: [] }, 0.9)
  const { doubt, noise } = selectorSettings
  const ridge = (noise / doubt) ** 2
  const picked = pick([candidate('a', 0.3)], { kind: 'mail', context: [] }, known, null)
  expect(picked?.choice.expected).toBeCloseTo((0.9 + ridge * 0.3) / (1 + ridge), 12)
})

test('expects rewards that are numbers, however odd tasks and outcomes are', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const outcomes = fc.array(
    fc.record({
      agent: fc.constantFrom('a', 'b', 'c'),
      context: fc.tuple(share, share),
      reward: share,
    }),
    { maxLength: 60 },
  )
  const all = ['a', 'b', 'c'].map((agent) => candidate(agent, 0.5))
  fc.assert(
    fc.property(outcomes, fc.tuple(share, share), (seen, context) => {
      const known = seen.reduce<Evidence[]>(
        (sum, one) => learn(sum, one.agent, { kind: 'mail', context: one.context }, one.reward),
        [],
      )
      const picked = pick(all, { kind: 'mail', context }, known, null)
      const choices = picked ? [picked.choice, ...picked.others] : []
      expect(choices).toHaveLength(3)
      for (const { expected, error, confidence } of choices) {
        expect(Number.isFinite(expected)).toBe(true)
        expect(error).toBeGreaterThan(0)
        expect(confidence).toBeGreaterThanOrEqual(0)
      }
      expect(choices.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 9)
    }),
  )
})

test('the chance of being best is how often one is, of 20,000 draws', () => {
  const random = createRandom(8)
  for (let round = 0; round < 8; round += 1) {
    const all = Array.from({ length: 2 + round }, () => ({
      mean: 0.3 * random.next(),
      sd: 0.005 * 40 ** random.next(),
    }))
    const wins = all.map(() => 0)
    for (let draw = 0; draw < 20_000; draw += 1) {
      const drawn = all.map(({ mean, sd }) => mean + sd * drawNormal(random.next))
      const at = drawn.indexOf(Math.max(...drawn))
      wins[at] = (wins[at] ?? 0) + 1
    }
    const off = chancesOfBest(all).map((chance, at) => Math.abs(chance - (wins[at] ?? 0) / 20_000))
    expect(Math.max(...off)).toBeLessThan(0.02)
  }
})
