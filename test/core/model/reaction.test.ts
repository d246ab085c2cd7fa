import { expect, test } from 'vitest'
import { reasonOf, type InService, type Waiting } from '../../../core/model/reaction.ts'

const waiting = (changes: Partial<Waiting>): Waiting => ({
  agent: 'b/two',
  state: 'parked',
  parked: null,
  error: null,
  attempts: 1,
  trail: [],
  ...changes,
})

const active: InService = {
  state: 'active',
  needs: [
    { trait: 'spend', maxAgeMs: 60_000, onStale: 'retry' },
    { trait: 'plan', onStale: 'retry' },
    { trait: 'risk', maxAgeMs: 500, onStale: 'halt' },
  ],
}

test('names how often it failed and with what, of one that was given up', () => {
  const told = reasonOf(waiting({ parked: 'dead', attempts: 6, error: 'plugin_threw' }), active)
  expect(told).toBe(
    'It failed 6 times, the last time with plugin_threw, and was given up. Mend the cause, then release it (slateboard agenda release --agent b/two --parked dead); the next thing that wakes the agent for this person has it tried again too.',
  )
})

test('names the chain of a loop', () => {
  const told = reasonOf(waiting({ parked: 'loop', trail: ['b/two', 'a/one'] }), active)
  expect(told).toMatch(/in a ring: b\/two → a\/one → b\/two\..*--parked loop\)\.$/)
})

test('names what it needs, of a stale one and of one that halts on stale input', () => {
  const stale = reasonOf(waiting({ parked: 'stale', error: 'trait_stale' }), active)
  expect(stale).toMatch(/needs spend \(at most 60 s old\) and plan\. It goes on by itself/)
  const halted = reasonOf(waiting({ parked: 'halted', error: 'trait_stale' }), active)
  expect(halted).toMatch(/halts on stale input\. It needs risk \(at most 0\.5 s old\)\./)
})

test('names the failure of one that was halted', () => {
  const halted = reasonOf(waiting({ parked: 'halted', error: 'plugin_timeout' }), active)
  expect(halted).toMatch(/^Its agent halts at a failure, and this was plugin_timeout\./)
})

test('tells of a snoozed one why it waits, and nothing of what only waits for its turn', () => {
  expect(reasonOf(waiting({ state: 'snoozed' }), active)).toMatch(/asked to be called later/)
  const failed = reasonOf(waiting({ state: 'snoozed', error: 'plugin_threw' }), active)
  expect(failed).toMatch(/^It failed with plugin_threw\./)
  expect(reasonOf(waiting({ state: 'pending' }), active)).toBeNull()
  expect(reasonOf(waiting({ state: 'running', parked: 'loop' }), null)).toBeNull()
})

test('tells what keeps its plugin from running', () => {
  const pending = waiting({ state: 'pending' })
  expect(reasonOf(pending, { ...active, state: 'paused' })).toBe(
    'Plugin b is paused: resume it with: slateboard plugin resume b',
  )
  expect(reasonOf(pending, null)).toMatch(/^No version of b in service has this agent/)
})
