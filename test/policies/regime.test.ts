import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowsUntilRefused, deadline, regimeOf } from '../../policies/regime.ts'
import type { Regime } from '../../policies/regime.ts'
import { places, regimeTable } from '../../policies/regimeTable.ts'
import type { Period } from '../../policies/regimeTable.ts'

const known = Object.keys(places)
const from = new Date('2026-03-02T09:00:00Z')
const msOf = (period: Period | null): number =>
  period === null ? Infinity : deadline(from, period).getTime() - from.getTime()

describe('which law a person is under', () => {
  it.each([
    ['DE', 'gdpr'],
    ['DE-BY', 'gdpr'],
    ['NO', 'gdpr'],
    ['GB', 'uk_gdpr'],
    ['GB-SCT', 'uk_gdpr'],
    ['US-CA', 'ccpa'],
    ['US-CO', 'us_gpc'],
    ['US-VA', 'us_opt_out'],
    ['BR', 'lgpd'],
    ['BR-SP', 'lgpd'],
  ])('%s has %s', (jurisdiction, key) => {
    expect(regimeOf(jurisdiction).key).toBe(key)
  })

  it.each([null, '', 'US', 'US-WY', 'CN', 'de', 'constructor', '__proto__', 'USCA', ' DE'])(
    '%s is nowhere that we know, so the strictest holds',
    (jurisdiction) => {
      expect(regimeOf(jurisdiction).key).toBe('strictest')
    },
  )

  it('has every state of the EU and the EEA', () => {
    const european = known.filter((place) => regimeOf(place).key === 'gdpr')
    expect(european).toHaveLength(30)
  })

  it('is never laxer anywhere than where nobody knows', () => {
    const strictest = regimeOf(null)
    for (const place of known) {
      const { optOut, grantChannels, gpcBinds, minorAge, teenOptIn, clocks } = regimeOf(place)
      expect(strictest.optOut).toEqual([])
      expect(optOut.length === 0 || grantChannels.length > 0).toBe(true)
      expect(strictest.gpcBinds || !gpcBinds).toBe(true)
      expect(strictest.minorAge).toBeGreaterThanOrEqual(minorAge)
      expect(strictest.teenOptIn ?? Infinity).toBeGreaterThanOrEqual(teenOptIn ?? Infinity)
      expect(msOf(strictest.clocks.request)).toBeLessThanOrEqual(msOf(clocks.request))
      expect(msOf(strictest.clocks.acknowledge)).toBeLessThanOrEqual(msOf(clocks.acknowledge))
      expect(msOf(strictest.clocks.optOut)).toBeLessThanOrEqual(msOf(clocks.optOut))
    }
  })
})

describe('what a law asks for', () => {
  const of = (regime: Regime, purpose: string, channel = 'email') =>
    allowsUntilRefused(regime, purpose, channel)

  it('lets California be written to until somebody says no, and nobody in Europe or Brazil', () => {
    expect(of(regimeOf('US-CA'), 'marketing.promotion')).toBe(true)
    expect(of(regimeOf('FR'), 'marketing.promotion')).toBe(false)
    expect(of(regimeOf('BR'), 'marketing.promotion')).toBe(false)
    expect(of(regimeOf(null), 'marketing.promotion')).toBe(false)
  })

  it('wants a grant for text messages in the USA (refused)', () => {
    expect(of(regimeOf('US-CA'), 'marketing.promotion', 'sms')).toBe(false)
  })

  it('knows purposes by their roots at a dot, and others not at all', () => {
    expect(of(regimeOf('US-CA'), 'marketingplus')).toBe(false)
    expect(of(regimeOf('US-CA'), 'research.health')).toBe(false)
  })

  it('has the ages of digital consent', () => {
    const ages = ['AT', 'DE', 'FR', 'GB', 'US-CA', 'BR'].map((place) => {
      const { minorAge, teenOptIn } = regimeOf(place)
      return [minorAge, teenOptIn]
    })
    expect(ages).toEqual([
      [14, null],
      [16, null],
      [15, null],
      [13, null],
      [16, 13],
      [18, 12],
    ])
  })
})

describe('when a statutory period has passed', () => {
  it.each([
    ['2026-01-15T09:00:00Z', { months: 1 }, '2026-02-15T09:00:00Z'],
    ['2026-01-31T09:00:00Z', { months: 1 }, '2026-02-28T09:00:00Z'],
    ['2028-01-31T09:00:00Z', { months: 1 }, '2028-02-29T09:00:00Z'],
    ['2026-12-31T09:00:00Z', { months: 2 }, '2027-02-28T09:00:00Z'],
    ['2026-01-15T09:00:00Z', { days: 45 }, '2026-03-01T09:00:00Z'],
    ['2026-11-20T09:00:00Z', { businessDays: 10 }, '2026-12-04T09:00:00Z'],
    ['2026-11-21T09:00:00Z', { businessDays: 1 }, '2026-11-23T09:00:00Z'],
  ])('%s and %j is %s', (begun, period, end) => {
    expect(deadline(new Date(begun), period)).toEqual(new Date(end))
  })

  it('never ends before it began, and leaves the date it was given alone', () => {
    const date = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(date, fc.constantFrom(...Object.values(regimeTable)), (begun, { clocks }) => {
        const before = begun.getTime()
        expect(deadline(begun, clocks.request).getTime()).toBeGreaterThan(before)
        expect(begun.getTime()).toBe(before)
      }),
    )
  })
})
