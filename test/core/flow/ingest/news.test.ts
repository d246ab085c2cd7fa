import { expect, test } from 'vitest'
import { isNews, type Hearing, type Word } from '../../../../core/flow/ingest/news.ts'
import type { ConsentStatement } from '../../../../core/consent/reading.ts'

const minute = (n: number): Date => new Date(Date.UTC(2026, 10, 1, 12, n))
const now = minute(30)

const hearing: Hearing = {
  canonical: 'p',
  mergedAt: null,
  now,
  actor: 'source:web',
  isLive: false,
}

const say = (
  decision: ConsentStatement['decision'],
  at: number,
  changes: Partial<ConsentStatement> = {},
): ConsentStatement & { at: Date } => ({
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
    say('granted', 9, { expiresAt: minute(50) }),
  ],
  [
    'a yes after a merge with a no of the same client',
    [stand('granted', 1), stand('denied', 1, { profileId: 'q' })],
    say('granted', 9),
    { mergedAt: minute(5) },
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
    'a repeated yes without end, after one by hand that has one',
    [stand('granted', 1, { ...byHand, expiresAt: minute(40) })],
    say('granted', 9),
  ],
])('passes over %s', (_, words, said, changes = {}) => {
  expect(isNews(said, words, { ...hearing, ...changes })).toBe(false)
})
