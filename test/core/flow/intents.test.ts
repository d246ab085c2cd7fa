import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LockedIntent } from '../../../blackboard/query/lockIntents.ts'
import { movesOf } from '../../../core/flow/intents.ts'
import { readCause } from '../../../core/flow/notice.ts'
import { intentCause, isOpposed } from '../../../core/model/intent.ts'

const intent = (id: string, more: Partial<LockedIntent> = {}): LockedIntent => ({
  profileId: 'P',
  home: 'P',
  id,
  agent: `${id}/a`,
  kind: 'spend',
  resource: 'channel:email',
  direction: 'up',
  proposal: null,
  state: 'open',
  cause: 'm:1',
  hop: 0,
  trail: '',
  trace: null,
  isDue: true,
  isThere: true,
  ...more,
})

const statesOf = (...locked: LockedIntent[]) =>
  movesOf(locked).map(({ intent: { id }, state }) => `${id} ${state}`)

test('what nobody vetoed is carried out when it is due, and not before', () => {
  expect(statesOf(intent('a'), intent('b', { isDue: false }))).toEqual(['a carried'])
})

test('of opposites that a merge brought together neither is carried out, be they due or not', () => {
  const down = { direction: 'down', home: 'Q', isDue: false }
  expect(statesOf(intent('a'), intent('b', down))).toEqual(['a conflicted', 'b conflicted'])
  expect(statesOf(intent('a', { direction: null }), intent('b', down))).toEqual(['a carried'])
})

test('lapses where nobody is there any more who could carry it out', () => {
  expect(statesOf(intent('a', { isThere: false }))).toEqual(['a lapsed'])
})

test('what was vetoed stays vetoed, and is told once', () => {
  expect(statesOf(intent('a', { state: 'vetoed' }))).toEqual(['a vetoed'])
  expect(statesOf(intent('a', { state: 'conflicted', isDue: false }))).toEqual([])
})

test('opposites are never both carried out, whatever is locked together', () => {
  const one = fc.record({
    agent: fc.constantFrom('a/a', 'b/b', 'c/c'),
    direction: fc.constantFrom('up', 'down', null),
    resource: fc.constantFrom('x', 'y'),
    state: fc.constantFrom('open', 'conflicted', 'vetoed'),
    isDue: fc.boolean(),
  } as const)
  fc.assert(
    fc.property(fc.array(one, { maxLength: 6 }), (rows) => {
      const moves = movesOf(rows.map((row, at) => intent(String(at), row)))
      const carried = moves.filter(({ state }) => state === 'carried').map((move) => move.intent)
      expect(carried.filter((each) => carried.some((other) => isOpposed(each, other)))).toEqual([])
    }),
  )
})

test('a cause says all that an agent is told', () => {
  const word = {
    id: '01I',
    state: 'vetoed',
    agent: 'p/a',
    kind: 'spend',
    direction: null,
    resource: 'channel:email:promo',
  } as const
  expect(readCause(intentCause(word))).toEqual({ kind: 'intent', word })
})
