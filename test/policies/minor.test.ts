import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adultAge } from '../../core/model/age.ts'
import { definitionFor } from '../../policies/guard.ts'
import { protectionOf, type Protection } from '../../policies/minor.ts'
import { regimeOf } from '../../policies/regime.ts'
import { places } from '../../policies/regimeTable.ts'
import { shippedPurposes } from '../../policies/shippedPurposes.ts'

const order: readonly Protection[] = ['none', 'own_grant', 'guardian_grant', 'never']
const place = fc.constantFrom(...Object.keys(places), 'US', 'ZZ', 'US-CA', 'DE-BY')
const purpose = fc.constantFrom(...shippedPurposes.map(({ key }) => key), 'marketing.ads.social')
const age = fc.integer({ min: 0, max: 30 })

function strength(jurisdiction: string | null, wanted: string, years: number | null): number {
  const definition = definitionFor(wanted, shippedPurposes)
  if (definition === undefined) throw new TypeError(`no purpose ${wanted}`)
  return order.indexOf(protectionOf(regimeOf(jurisdiction), wanted, definition, years))
}

test('nobody is protected less for being younger, anywhere', () => {
  fc.assert(
    fc.property(place, purpose, age, age, (where, wanted, one, other) => {
      const younger = strength(where, wanted, Math.min(one, other))
      expect(younger).toBeGreaterThanOrEqual(strength(where, wanted, Math.max(one, other)))
    }),
  )
})

test('nobody is protected less for living nowhere that is known', () => {
  fc.assert(
    fc.property(place, purpose, age, (where, wanted, years) => {
      expect(strength(null, wanted, years)).toBeGreaterThanOrEqual(strength(where, wanted, years))
    }),
  )
})

test('no law known here protects somebody who counts as an adult, of whom nothing else is kept', () => {
  fc.assert(
    fc.property(place, purpose, (where, wanted) => {
      expect(strength(where, wanted, adultAge)).toBe(0)
      expect(strength(where, wanted, null)).toBe(0)
    }),
  )
})

test('children are served and kept safe everywhere', () => {
  fc.assert(
    fc.property(place, age, (where, years) => {
      expect(strength(where, 'service', years)).toBe(0)
      expect(strength(where, 'security', years)).toBe(0)
    }),
  )
})
