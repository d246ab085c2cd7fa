import type { LedgerRow } from '../../../../blackboard/query/listLedger.ts'
import { expect, test } from 'vitest'
import {
  isLate,
  isNews,
  isOlder,
  isRepeated,
  wordsAfter,
  type Hearing,
  type Said,
  type Word,
} from '../../../../core/flow/ingest/news.ts'

const minute = (n: number): Date => new Date(Date.UTC(2026, 10, 1, 12, n))
const now = minute(30)

const hearing: Hearing = {
  canonical: 'p',
  mergedAt: null,
  now,
  actor: 'source:web',
  isLive: false,
}

const say = (decision: Said['decision'], at: number, changes: Partial<Said> = {}): Said => ({
  purpose: 'marketing.ads',
  channel: '*',
  decision,
  proof: { method: 'segment' },
  isAct: false,
  saidAt: null,
  expiresAt: null,
  at: minute(at),
  ...changes,
})

const stand = (decision: Word['decision'], at: number, changes: Partial<Word> = {}): Word => ({
  profileId: 'p',
  purpose: 'marketing.ads',
  channel: '*',
  decision,
  basis: 'consent',
  method: 'segment',
  noticeId: null,
  noticeVersion: null,
  actor: 'source:web',
  collectedAt: minute(at),
  expiresAt: null,
  ...changes,
})

const byHand = { actor: 'principal:olga', method: 'letter' }
const act = { isAct: true }

type Case = [string, Word[], ReturnType<typeof say>, Partial<Hearing>?]

test.each<Case>([
  ['a first yes', [], say('granted', 9)],
  ['a first no', [], say('denied', 9)],
  ['a no after a yes', [stand('granted', 1)], say('denied', 9)],
  ['a yes after the own no of the same client', [stand('denied', 1)], say('granted', 9)],
  ['an act after a no said elsewhere', [stand('denied', 1, byHand)], say('granted', 9, act)],
  [
    'a no said now, though a clock was ahead',
    [stand('granted', 25)],
    say('denied', 20),
    { isLive: true },
  ],
  [
    'a no again, after a narrower yes',
    [stand('denied', 1), stand('granted', 5, { channel: 'email' })],
    say('denied', 9),
  ],
  [
    'a yes that lasts longer than the one before',
    [stand('granted', 1, { expiresAt: minute(40) })],
    say('granted', 9, { expiresAt: minute(50), saidAt: minute(9) }),
  ],
  [
    'a yes after a merge with a no of the same client',
    [stand('granted', 1), stand('denied', 1, { profileId: 'q' })],
    say('granted', 9),
    { mergedAt: minute(5) },
  ],
  [
    'an act on another version of the notice',
    [stand('granted', 1, { noticeId: 'n', noticeVersion: '1' })],
    say('granted', 9, { ...act, proof: { method: 'segment', noticeId: 'n', noticeVersion: '2' } }),
  ],
  [
    'a yes for more than what was refused',
    [stand('denied', 1, byHand)],
    say('granted', 9, { purpose: 'marketing' }),
  ],
])('takes up %s', (_, words, said, changes = {}) => {
  expect(isNews(said, words, { ...hearing, ...changes })).toBe(true)
})

test.each<Case>([
  ['the same yes', [stand('granted', 1)], say('granted', 9)],
  ['the same no', [stand('denied', 1)], say('denied', 9)],
  ['a yes that is older', [stand('denied', 9)], say('granted', 1, act)],
  ['a yes of the same moment', [stand('denied', 9)], say('granted', 9, act)],
  ['a no that is older', [stand('granted', 9)], say('denied', 1)],
  ['a repeated yes after a no said elsewhere', [stand('denied', 1, byHand)], say('granted', 9)],
  [
    'a repeated yes after a broader no said elsewhere',
    [stand('withdrawn', 1, { ...byHand, purpose: 'marketing' })],
    say('granted', 9),
  ],
  [
    'a repeated yes after a no told by an act',
    [stand('denied', 1, { method: 'segment_event' })],
    say('granted', 9),
  ],
  [
    'a repeated yes after the no of a merged profile said elsewhere',
    [stand('denied', 1, { ...byHand, profileId: 'q' })],
    say('granted', 9),
  ],
  [
    'a repeated yes after the end of the one before',
    [stand('granted', 1, { expiresAt: minute(5) })],
    say('granted', 9),
  ],
  ['a yes that has ended', [], say('granted', 9, { expiresAt: minute(20) })],
  [
    'a repeated yes that would last longer for being repeated',
    [stand('granted', 1, { expiresAt: minute(40) })],
    say('granted', 9, { expiresAt: minute(50) }),
  ],
  [
    'a repeated yes without end, after one by hand that has one',
    [stand('granted', 1, { ...byHand, expiresAt: minute(40) })],
    say('granted', 9),
  ],
])('passes over %s', (_, words, said, changes = {}) => {
  expect(isNews(said, words, { ...hearing, ...changes })).toBe(false)
})

test.each<Case>([
  ['a yes that was said before the no', [stand('denied', 9)], say('granted', 1)],
  ['a no that was said before the yes', [stand('granted', 9)], say('denied', 1)],
  ['an act that said the same earlier', [stand('granted', 9)], say('granted', 1, act)],
])('keeps in the ledger alone %s', (_, words, said) => {
  expect(isNews(said, words, hearing)).toBe(false)
  expect(isLate(said, words, hearing)).toBe(true)
})

test.each<Case>([
  ['what a client only repeats', [stand('granted', 9)], say('granted', 1)],
  ['what is newer than what stands', [stand('denied', 1, byHand)], say('granted', 9)],
  ['what nobody has contradicted', [], say('granted', 1)],
])('does not call late %s', (_, words, said) => {
  expect(isLate(said, words, hearing)).toBe(false)
})

test('a late word of a client that repeats itself is one line of the ledger, and its change another', () => {
  const line = (
    decision: LedgerRow['decision'],
    at: number,
    changes: Partial<LedgerRow> = {},
  ): LedgerRow => ({
    profileId: 'p',
    purpose: 'marketing.ads',
    channel: '*',
    decision,
    actor: 'source:web',
    method: 'segment',
    collectedAt: minute(at),
    ...changes,
  })
  const ledger = [line('granted', 5), line('denied', 10)]
  expect(isRepeated(line('granted', 6), ledger)).toBe(true)
  expect(isRepeated(line('granted', 4), ledger)).toBe(true)
  expect(isRepeated(line('granted', 12), ledger)).toBe(false)
  expect(isRepeated(line('denied', 4), ledger)).toBe(false)
  expect(isRepeated(line('granted', 6, { actor: 'source:app' }), ledger)).toBe(false)
})

test('a guardian’s grant is another’s word: the own is news beside it, and a refusal ends it and not what is newer', () => {
  const guardian = stand('granted', 5, { method: 'parental:signed_form', actor: 'principal:olga' })
  const own = stand('granted', 10)
  expect(isNews(say('granted', 10), [guardian], hearing)).toBe(true)
  expect(wordsAfter([guardian], own, false)).toEqual([guardian, own])
  expect(isNews(say('granted', 12), [guardian, own], hearing)).toBe(false)

  const refusal = say('denied', 7)
  const words = [guardian, own]
  expect([isNews(refusal, words, hearing), isOlder(refusal, words, hearing)]).toEqual([true, true])
  expect(wordsAfter(words, stand('denied', 7), true)).toEqual([own])
  expect(wordsAfter(words, stand('denied', 12), false)).toEqual([stand('denied', 12)])
  expect(isNews(say('denied', 3), words, hearing)).toBe(false)
})
