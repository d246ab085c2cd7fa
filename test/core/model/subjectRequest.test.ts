import { expect, test } from 'vitest'
import {
  articleOf,
  isFinal,
  mayBecome,
  reaches,
  refusalReasons,
  refusePartSchema,
  subjectRequestKinds,
  subjectRequestStates,
  verificationNeeded,
} from '../../../core/model/subjectRequest.ts'

test('a request that has ended stays ended, and every other can still be answered or taken back', () => {
  const ends = subjectRequestStates.filter(isFinal)
  expect(ends).toEqual(['completed', 'partially_completed', 'refused', 'cancelled', 'expired'])
  for (const end of ends) {
    expect(subjectRequestStates.filter((to) => mayBecome(end, to))).toEqual([])
  }
  for (const state of subjectRequestStates.filter((one) => !isFinal(one))) {
    expect([state, mayBecome(state, 'refused'), mayBecome(state, 'cancelled')]).toEqual([
      state,
      true,
      true,
    ])
  }
})

test('nothing is answered before it is in progress (Art. 12(6))', () => {
  for (const from of ['received', 'identity_unverified'] as const) {
    expect(mayBecome(from, 'completed')).toBe(false)
    expect(mayBecome(from, 'partially_completed')).toBe(false)
  }
})

test('who gets data or has it destroyed is known by more than their word; who objects is not (Art. 12(6))', () => {
  const byWord = subjectRequestKinds.filter((kind) => reaches('asserted', verificationNeeded[kind]))
  expect(byWord).toEqual(['restriction', 'objection', 'automated_decision_review'])
  expect(subjectRequestKinds.filter((kind) => reaches('none', verificationNeeded[kind]))).toEqual(
    [],
  )
})

test('each kind names the article that it rests on, and each refusal one that allows it', () => {
  expect(Object.keys(articleOf)).toEqual([...subjectRequestKinds].toSorted(byArticle))
  for (const text of Object.values(refusalReasons)) expect(text).toMatch(/^Art\. \d+/)
})

const order = Object.keys(articleOf)
const byArticle = (one: string, other: string): number => order.indexOf(one) - order.indexOf(other)

test.each([
  ['all', 'legal_claims', true],
  ['events', 'rights_of_others', true],
  ['trait:plan', 'legal_obligation', true],
  ['purpose:marketing', 'compelling_grounds', false],
  ['the lot', 'legal_claims', false],
  ['all', 'because', false],
  ['all', 'toString', false],
])('a refusal of %s for %s is understood: %s', (part, reason, understood) => {
  expect(refusePartSchema.safeParse({ id: '01X', part, reason }).success).toBe(understood)
})
