import naughty from 'big-list-of-naughty-strings' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { readGoogleConsentMode } from '../../../core/consent/googleConsentMode.ts'
import { readOneTrust } from '../../../core/consent/oneTrust.ts'
import { readConsent, speaksOfConsent } from '../../../core/consent/readConsent.ts'
import { readRudderStack } from '../../../core/consent/rudderStack.ts'
import { readSegment } from '../../../core/consent/segment.ts'
import { readUnomi } from '../../../core/consent/unomi.ts'
import type { Json, JsonObject } from '../../../core/model/json.ts'
import { codes, mapped, mapping, withContext, words } from './given.ts'

const at = new Date('2026-11-01T12:00:00Z')
const segment = (preferences: Json, by = mapping) => readSegment(preferences, false, by)

describe('Segment', () => {
  test('takes an id that is one of our purposes for it, with proof', () => {
    const reading = segment({ 'marketing.promotion': true, analytics: false })
    expect(words(reading)).toEqual(['+marketing.promotion', '-analytics'])
    expect(reading.statements[0]).toMatchObject({
      channel: '*',
      isAct: false,
      proof: { method: 'segment', origin: 'context.consent.categoryPreferences' },
    })
  })

  test('grants nothing for an id that nobody mapped (refused)', () => {
    const reading = segment({ Advertising: true, marketingplus: true })
    expect(words(reading)).toEqual([])
    expect(codes(reading)).toEqual(['consent_unmapped', 'consent_unmapped'])
  })

  test.each([['true'], [1], ['yes'], [null], [{}], [[true]]])(
    'hears a no in %j, which is not true',
    (value) => {
      expect(words(segment({ analytics: value }))).toEqual(['-analytics'])
    },
  )

  test('hears in an empty map a no to everything that needs a grant', () => {
    expect(words(segment({}))).toEqual(['-analytics', '-marketing', '-personalization'])
  })

  test('maps ids by data, and hears a no where a mapped one is missing', () => {
    expect(words(segment({ C0002: true, C0004: true }, mapped))).toEqual([
      '+analytics',
      '+marketing.ads',
      '+personalization',
    ])
    expect(words(segment({ C0002: true }, mapped))).toEqual([
      '+analytics',
      '-marketing.ads',
      '-personalization',
    ])
  })

  test.each([['text'], [7], [true], [null], [['analytics']]])(
    'says nothing when the map is %j',
    (preferences) => {
      const reading = segment(preferences)
      expect(words(reading)).toEqual([])
      expect(codes(reading)).toEqual(['consent_unreadable'])
    },
  )

  test('bounds a huge map, of which nothing is granted', () => {
    const many = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, n) => [`marketing.c${n}`, n % 2 === 0]),
    )
    const reading = segment(many)
    expect(reading.statements).toHaveLength(50)
    expect(words(reading).filter((word) => word.startsWith('+'))).toEqual([])
    expect(codes(reading)).toContain('consent_too_many')
  })
})

describe('RudderStack', () => {
  test('grants what is allowed and refuses what is denied', () => {
    const reading = readRudderStack(
      { allowedConsentIds: ['analytics'], deniedConsentIds: ['marketing'], provider: 'custom' },
      mapping,
    )
    expect(words(reading)).toEqual(['+analytics', '-marketing'])
  })

  test('refuses an id that is in both lists, and says so', () => {
    const reading = readRudderStack(
      { allowedConsentIds: ['analytics'], deniedConsentIds: ['analytics'] },
      mapping,
    )
    expect(words(reading)).toEqual(['-analytics'])
    expect(codes(reading)).toEqual(['consent_contradictory'])
  })

  test.each([['analytics'], [{}], [[{}]], [Array(101).fill('x')]])(
    'grants nothing when it cannot tell what is denied: %j',
    (deniedConsentIds) => {
      const lists = { allowedConsentIds: ['analytics'], deniedConsentIds }
      expect(words(readRudderStack(lists, mapping))).toEqual([])
    },
  )
})

describe('Google Consent Mode', () => {
  const all = {
    ad_storage: 'granted',
    ad_user_data: 'granted',
    ad_personalization: 'granted',
    analytics_storage: 'granted',
    personalization_storage: 'granted',
  }

  test('grants a purpose when all that it asks is granted', () => {
    expect(words(readGoogleConsentMode(all))).toEqual([
      '+analytics',
      '+marketing.ads',
      '+personalization',
    ])
  })

  test('refuses advertising for one key that is denied, and says nothing for one that is missing', () => {
    expect(words(readGoogleConsentMode({ ...all, ad_user_data: 'denied' }))).toContain(
      '-marketing.ads',
    )
    const { ad_user_data: _, ...partial } = all
    expect(words(readGoogleConsentMode(partial))).toEqual(['+analytics', '+personalization'])
  })

  test('grants nothing by a default of the site (refused)', () => {
    expect(words(readGoogleConsentMode({ ...all, wait_for_update: 500 }))).toEqual([])
    expect(words(readGoogleConsentMode({ ...all, region: [] }))).toEqual([])
    const denied = { analytics_storage: 'denied', region: ['US'] }
    expect(words(readGoogleConsentMode(denied))).toEqual(['-analytics'])
  })

  test('hears a no in a value that it does not know', () => {
    expect(words(readGoogleConsentMode({ analytics_storage: 'GRANTED' }))).toEqual(['-analytics'])
  })
})

describe('OneTrust', () => {
  const receipt = (type: Json, id: Json = 'analytics') =>
    readOneTrust({ purposes: [{ Id: id, TransactionType: type }] }, new Date(), mapping)

  test('grants by CONFIRMED alone', () => {
    expect(receipt('CONFIRMED').statements).toMatchObject([{ decision: 'granted', isAct: true }])
  })

  test.each(['WITHDRAWN', 'CANCEL', 'EXPIRED', 'OPT_OUT', 'HARD_OPT_OUT', 'NOTGIVEN'])(
    'refuses by %s',
    (type) => expect(words(receipt(type))).toEqual(['-analytics']),
  )

  test.each([['NO_CHOICE'], ['EXTEND'], ['CHANGE_PREFERENCES'], ['confirmed'], [1], [null]])(
    'decides nothing by %j',
    (type) => {
      expect(words(receipt(type))).toEqual([])
      expect(codes(receipt(type))).toEqual(['consent_undecided'])
    },
  )

  test('refuses what one receipt both confirms and withdraws', async () => {
    const purposes = ['CONFIRMED', 'WITHDRAWN'].map((TransactionType) => ({
      Id: 'analytics',
      TransactionType,
    }))
    const receipt = { dialect: 'onetrust' as const, body: { purposes } }
    expect(words(await readConsent(withContext({}, { receipt }), mapping))).toEqual(['-analytics'])
  })
})

describe('Unomi', () => {
  const consent = (changes: JsonObject = {}, key = 'shop/analytics') =>
    readUnomi(
      {
        [key]: {
          scope: 'shop',
          typeIdentifier: 'analytics',
          status: 'GRANTED',
          statusDate: '2026-10-01T00:00:00Z',
          revokeDate: '2027-10-01T00:00:00Z',
          ...changes,
        },
      },
      at,
      mapping,
    )

  test('grants from the date of the status to that of the revocation', () => {
    expect(consent().statements).toMatchObject([
      {
        purpose: 'analytics',
        decision: 'granted',
        saidAt: new Date('2026-10-01T00:00:00Z'),
        expiresAt: new Date('2027-10-01T00:00:00Z'),
      },
    ])
  })

  test.each(['DENIED', 'REVOKED'])('refuses by %s', (status) => {
    expect(words(consent({ status }))).toEqual(['-analytics'])
  })

  test.each<[JsonObject, string]>([
    [{ revokeDate: '2026-01-01T00:00:00Z' }, 'consent_expired'],
    [{ revokeDate: 'next year' }, 'consent_unreadable'],
    [{ statusDate: {} }, 'consent_unreadable'],
    [{ status: 'granted' }, 'consent_undecided'],
    [{ scope: 'other' }, 'consent_contradictory'],
    [{ typeIdentifier: 'newsletter' }, 'consent_unmapped'],
    [{ typeIdentifier: 7 }, 'consent_unreadable'],
  ])('grants nothing by %j', (changes, code) => {
    expect(words(consent(changes))).toEqual([])
    expect(codes(consent(changes))).toEqual([code])
  })
})

describe('an event', () => {
  test('that has no consent says nothing', async () => {
    expect(speaksOfConsent(withContext({ page: { url: '/' } }))).toBe(false)
    expect(words(await readConsent(withContext({}), mapping))).toEqual([])
  })

  test('whose dialects disagree is a refusal', async () => {
    const context = {
      consent: { categoryPreferences: { analytics: true, personalization: true } },
      consentManagement: { allowedConsentIds: [], deniedConsentIds: ['analytics'] },
    }
    expect(words(await readConsent(withContext(context), mapping))).toEqual([
      '+personalization',
      '-analytics',
    ])
  })

  test('called as Segment calls its own tells of an act, and only a track call does', async () => {
    const context = { consent: { categoryPreferences: { analytics: true } } }
    const name = 'Segment Consent Preference Updated'
    const act = await readConsent(withContext(context, { name }), mapping)
    expect(act.statements).toMatchObject([{ isAct: true, proof: { method: 'segment_event' } }])
    const page = await readConsent(withContext(context, { name, type: 'page' }), mapping)
    expect(page.statements).toMatchObject([{ isAct: false }])
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'takes %s for an id like any other, that is for none',
    async (id) => {
      const preferences: Json = JSON.parse(`{"${id}":true}`)
      expect(words(segment(preferences))).toEqual([])
      expect(words(segment(preferences, { ...mapped, ids: new Map() }))).toEqual([])
      const google: Json = JSON.parse(`{"${id}":"granted"}`)
      expect(words(readGoogleConsentMode(google))).toEqual([])
      const lists = { allowedConsentIds: [id], deniedConsentIds: [] }
      expect(words(readRudderStack(lists, mapping))).toEqual([])
    },
  )

  test('with naughty text in every id and string grants nothing and throws nothing', async () => {
    expect(naughty.length).toBeGreaterThan(400)
    for (const text of naughty) {
      const context = {
        consent: {
          categoryPreferences: { [text]: true },
          google: { [text]: 'granted', ad_storage: text },
          tcf: text,
        },
        consentManagement: { allowedConsentIds: [text], deniedConsentIds: [] },
        tcString: text,
        gppString: text,
      }
      const receipts = [
        {
          dialect: 'onetrust' as const,
          body: { purposes: [{ Id: text, TransactionType: 'CONFIRMED' }] },
        },
        {
          dialect: 'unomi' as const,
          body: { consents: { [text]: { typeIdentifier: text, status: 'GRANTED' } } },
        },
      ]
      for (const receipt of receipts) {
        const said = words(await readConsent(withContext(context, { receipt }), mapping))
        expect(
          said.filter((word) => word.startsWith('+')),
          text,
        ).toEqual([])
      }
    }
  })

  test('that is answered with warnings gets few and short ones', async () => {
    const preferences = Object.fromEntries(
      Array.from({ length: 90 }, (_, n) => [`${'x'.repeat(200)}${n}`, true]),
    )
    const context = { consent: { categoryPreferences: preferences } }
    const { warnings } = await readConsent(withContext(context), mapping)
    expect(warnings).toHaveLength(20)
    expect(warnings[0]?.consent).toHaveLength(100)
  })
})
