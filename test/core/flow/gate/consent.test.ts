import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consentStanding, explicitRefusal } from '../../../../core/flow/gate/consent.ts'
import type { ConsentQuestion } from '../../../../core/flow/gate/consent.ts'
import type { MemberConsent } from '../../../../core/flow/gate/input.ts'
import { consent, now } from './given.ts'

const question: ConsentQuestion = {
  purpose: 'marketing.promotion',
  channel: 'email',
  now,
  mergedAt: null,
  bases: ['consent'],
}
const day = (count: number) => new Date(Date.UTC(2026, 4, count))
const wide = { id: 'wide', purpose: 'marketing', channel: '*' } as const
const withdrawn = { id: 'withdrawal', decision: 'withdrawn' } as const

const stands = (...consents: MemberConsent[]) => consentStanding(consents, question).stands
const reason = (...consents: MemberConsent[]) => {
  const standing = consentStanding(consents, question)
  return standing.stands ? 'stands' : standing.reason
}

describe('consentStanding', () => {
  it('takes a grant for exactly the purpose and channel', () => {
    expect(stands(consent())).toBe(true)
  })

  it('takes a grant for an ancestor and for all channels (refused: a child, another channel)', () => {
    expect(stands(consent({ purpose: 'marketing' }))).toBe(true)
    expect(stands(consent({ channel: '*' }))).toBe(true)
    expect(reason(consent({ purpose: 'marketing.promotion.summer' }))).toBe('no_consent')
    expect(reason(consent({ purpose: 'marketingplus' }))).toBe('no_consent')
    expect(reason(consent({ channel: 'sms' }))).toBe('no_consent')
  })

  it('takes a grant until it expires (refused: expired, dated in the future, on another basis)', () => {
    expect(stands(consent({ expiresAt: new Date(now.getTime() + 1) }))).toBe(true)
    expect(reason(consent({ expiresAt: now }))).toBe('consent_expired')
    expect(reason(consent({ collectedAt: new Date(now.getTime() + 1) }))).toBe('no_consent')
    expect(reason(consent({ basis: 'legitimate_interest' }))).toBe('no_consent')
  })

  it('hears a withdrawal or denial of an ancestor or of all channels that is newer than the grant', () => {
    const grant = consent({ collectedAt: day(1) })
    expect(reason(grant, consent({ ...wide, ...withdrawn, collectedAt: day(2) }))).toBe(
      'consent_withdrawn',
    )
    expect(reason(grant, consent({ ...wide, decision: 'denied', collectedAt: day(2) }))).toBe(
      'consent_denied',
    )
    expect(
      stands(grant, consent({ ...wide, ...withdrawn, channel: 'sms', collectedAt: day(2) })),
    ).toBe(true)
  })

  it('re-opens by a newer exact grant (refused: one as old)', () => {
    const refusal = consent({ ...wide, ...withdrawn, collectedAt: day(2) })
    expect(stands(refusal, consent({ collectedAt: day(3) }))).toBe(true)
    expect(stands(refusal, consent({ collectedAt: day(2) }))).toBe(false)
  })

  it('keeps an exact withdrawal against a newer grant that says less exactly', () => {
    const refusal = consent({ ...withdrawn, collectedAt: day(2) })
    expect(stands(refusal, consent({ ...wide, collectedAt: day(3) }))).toBe(false)
    expect(stands(refusal, consent({ ...wide, channel: 'email', collectedAt: day(3) }))).toBe(false)
  })

  it('takes a grant that ran out as said: a wider, older one does not go on for it', () => {
    const ended = consent({ collectedAt: day(2), expiresAt: day(3) })
    expect(reason(ended, consent({ ...wide, collectedAt: day(1) }))).toBe('consent_expired')
  })

  it('lets a withdrawal of one merged profile outweigh the grant of another', () => {
    const other = { profileId: 'profile-2' }
    const refusal = consent({ ...withdrawn, ...other, collectedAt: day(1) })
    expect(reason(consent({ collectedAt: day(2) }), refusal)).toBe('consent_withdrawn')
  })

  it('re-opens after a merge by a grant given after it (refused: before it)', () => {
    const refusal = consent({ ...withdrawn, profileId: 'profile-2', collectedAt: day(1) })
    const merged = { ...question, mergedAt: day(5) }
    expect(consentStanding([refusal, consent({ collectedAt: day(6) })], merged).stands).toBe(true)
    expect(consentStanding([refusal, consent({ collectedAt: day(4) })], merged).stands).toBe(false)
  })

  it('names the entries that refuse', () => {
    const refusal = consent({ ...wide, ...withdrawn, collectedAt: day(20) })
    expect(consentStanding([consent(), refusal], question)).toMatchObject({
      evidence: ['withdrawal'],
    })
  })
})

describe('a grant that waits to be confirmed', () => {
  const pending = consent({ id: 'waiting', decision: 'pending', collectedAt: day(10) })

  it('grants nothing (refused), and says what is missing', () => {
    expect(consentStanding([pending], question)).toEqual({
      stands: false,
      reason: 'consent_pending',
      evidence: ['waiting'],
    })
    expect(reason({ ...pending, expiresAt: now })).toBe('no_consent')
  })

  it('leaves an older grant standing, and an older refusal', () => {
    expect(stands(consent({ collectedAt: day(1) }), pending)).toBe(true)
    expect(reason(consent({ ...withdrawn, collectedAt: day(1) }), pending)).toBe(
      'consent_withdrawn',
    )
  })
})

describe('a grant for a notice that is no longer accepted', () => {
  const outdated = consent({ id: 'old', isOutdated: true })

  it('grants nothing (refused), and refuses nothing that another grant gives', () => {
    expect(reason(outdated)).toBe('consent_notice_outdated')
    expect(stands(outdated, consent({ ...wide, collectedAt: day(1) }))).toBe(true)
  })

  it('stays a refusal when it was one', () => {
    expect(reason(consent({ ...withdrawn, isOutdated: true }))).toBe('consent_withdrawn')
  })
})

describe('explicitRefusal', () => {
  it('hears an explicit no where no grant is needed, and nothing else', () => {
    expect(explicitRefusal([], question)).toBeNull()
    expect(explicitRefusal([consent({ expiresAt: now })], question)).toBeNull()
    expect(explicitRefusal([consent({ decision: 'denied' })], question)).toMatchObject({
      reason: 'consent_denied',
    })
  })
})

/** What a ledger without any refusal may say where it does not grant. */
const unrefused = new Set(['no_consent', 'consent_pending', 'consent_notice_outdated'])

const purposes = ['marketing', 'marketing.promotion', 'marketing.ads', 'service']
const times = fc.integer({ min: 1, max: 28 }).map(day)
const entry = (profileId: string): fc.Arbitrary<MemberConsent> =>
  fc.record({
    id: fc.string({ minLength: 4, maxLength: 4 }),
    profileId: fc.constant(profileId),
    purpose: fc.constantFrom(...purposes),
    channel: fc.constantFrom('email', 'sms', '*'),
    decision: fc.constantFrom('granted', 'granted', 'denied', 'withdrawn', 'pending'),
    basis: fc.constantFrom('consent', 'consent', 'contract'),
    collectedAt: times,
    expiresAt: fc.option(times, { nil: null }),
    isOutdated: fc.constantFrom(false, false, true),
  })

/** What the ledger keeps of a history: the newest entry per profile, purpose and channel, what waits beside it. */
function latest(history: readonly MemberConsent[]): MemberConsent[] {
  const current = new Map<string, MemberConsent>()
  for (const each of history) {
    const waits = each.decision === 'pending'
    const key = [each.profileId, each.purpose, each.channel, waits].join(' ')
    const known = current.get(key)
    if (known === undefined || each.collectedAt >= known.collectedAt) current.set(key, each)
  }
  return [...current.values()]
}
const ledger = (profileId: string) => fc.array(entry(profileId), { maxLength: 6 }).map(latest)
const asked = fc.record({
  purpose: fc.constantFrom('marketing', 'marketing.promotion'),
  channel: fc.constantFrom('email', 'sms'),
  now: fc.constant(day(20)),
  mergedAt: fc.option(times, { nil: null }),
  bases: fc.constant(['consent' as const]),
})

describe('for every ledger', () => {
  it('a further withdrawal never turns a refusal into consent', () => {
    fc.assert(
      fc.property(
        fc.array(entry('a'), { maxLength: 8 }),
        entry('a'),
        asked,
        (history, added, about) => {
          fc.pre(!consentStanding(latest(history), about).stands)
          const withdrawal: MemberConsent = { ...added, decision: 'withdrawn' }
          expect(consentStanding(latest([...history, withdrawal]), about).stands).toBe(false)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('a withdrawal that covers the question ends consent at once', () => {
    fc.assert(
      fc.property(fc.array(entry('a'), { maxLength: 8 }), asked, (history, about) => {
        const collectedAt = new Date(about.now.getTime() - 1)
        fc.pre(history.every((each) => each.collectedAt < collectedAt))
        const withdrawal: MemberConsent = {
          ...consent(withdrawn),
          profileId: 'a',
          collectedAt,
          purpose: about.purpose,
          channel: about.channel,
        }
        expect(consentStanding(latest([...history, withdrawal]), about).stands).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('merging is commutative and associative', () => {
    fc.assert(
      fc.property(ledger('a'), ledger('b'), ledger('c'), asked, (a, b, c, about) => {
        const answer = (...parts: MemberConsent[][]) => consentStanding(parts.flat(), about)
        const one = answer(a, b, c)
        for (const other of [answer(c, b, a), answer(b, a, c), answer(b, c, a)]) {
          expect(other.stands).toBe(one.stands)
          if (!one.stands && !other.stands) {
            expect(other.evidence.toSorted()).toEqual(one.evidence.toSorted())
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('merging never widens: consent of the whole was consent of a part, and no part refused', () => {
    let merged = 0
    fc.assert(
      fc.property(ledger('a'), ledger('b'), asked, (a, b, about) => {
        const before = { ...about, mergedAt: null }
        const whole = consentStanding([...a, ...b], before).stands
        fc.pre(whole)
        merged += 1
        const parts = [a, b].map((part) => consentStanding(part, before))
        expect(parts.some((part) => part.stands)).toBe(true)
        expect(parts.every((part) => part.stands || unrefused.has(part.reason))).toBe(true)
      }),
      { numRuns: 1000 },
    )
    expect(merged).toBeGreaterThan(50)
  })

  it('a grant that waits changes nothing, wherever it stands', () => {
    fc.assert(
      fc.property(ledger('a'), entry('a'), asked, (words, other, about) => {
        const waiting = { ...other, decision: 'pending' as const }
        const [before, after] = [words, [...words, waiting]].map((all) =>
          consentStanding(all, about),
        )
        expect(after?.stands).toBe(before?.stands)
        expect(explicitRefusal([...words, waiting], about)).toEqual(explicitRefusal(words, about))
      }),
      { numRuns: 2000 },
    )
  })

  it('a notice that is no longer accepted never widens, and takes no refusal away', () => {
    let narrowed = 0
    fc.assert(
      fc.property(ledger('a'), fc.nat(63), asked, (words, mask, about) => {
        const outdated = words.map((each, nth) =>
          (mask >> nth) % 2 === 1 ? { ...each, isOutdated: true } : each,
        )
        const [before, after] = [words, outdated].map((all) => consentStanding(all, about))
        if (before?.stands && !after?.stands) narrowed += 1
        expect(!after?.stands || before?.stands).toBe(true)
        if (explicitRefusal(words, about)) expect(explicitRefusal(outdated, about)).not.toBeNull()
      }),
      { numRuns: 2000 },
    )
    expect(narrowed).toBeGreaterThan(10)
  })
})
