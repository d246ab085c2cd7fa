import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adultAge, ageAtLeast, ageName, readAge, youngest } from '../../../core/model/age.ts'

const now = new Date('2026-06-15T12:00:00Z')
const read = (key: string, value: Parameters<typeof readAge>[1]) => {
  const name = ageName(key)
  return name === undefined ? undefined : readAge(name, value, now)?.bornBefore
}

describe('what a trait states of an age', () => {
  test.each([
    ['birthday', '2012-04-17', '2012-05'],
    ['Birth_Date', '2012-12-31T00:00:00Z', '2013-01'],
    ['dob', '17.04.2012', '2012-05'],
    ['date-of-birth', '20120417', '2012-05'],
    ['birthday', '2012', '2013-01'],
    ['birthYear', 2012, '2013-01'],
    ['age', 14, '2012-07'],
    ['age', '14', '2012-07'],
    ['age_band', '13-15', '2013-07'],
    ['ageGroup', 'under_13', '2026-07'],
    ['is_minor', true, '2026-07'],
    ['isAdult', false, '2026-07'],
    ['birthday', '1990-01-01', null],
    ['age', 36, null],
    ['age_band', '18+', null],
    ['age_range', '25 to 34', null],
    ['age_group', 'Adult', null],
    ['minor', false, null],
  ])('%s %s', (key, value, bornBefore) => {
    expect(read(key, value)).toBe(bornBefore)
  })

  test.each([
    ['birthday', '--04-17'],
    ['birthday', 'soon'],
    ['birthday', '2027-01-01'],
    ['birthday', '1066-10-14'],
    ['birthday', '2012-13-01'],
    ['age', -3],
    ['age', 4711],
    ['age', 'x'],
    ['age_band', 'gold'],
    ['is_minor', 'yes'],
    ['birthday', { year: 2012 }],
    ['birthday_gift', '2012-04-17'],
    ['page', 14],
  ])('nothing, of %s %s', (key, value) => {
    expect(read(key, value)).toBeUndefined()
  })

  test('of a date that reads two ways is the later', () => {
    expect(read('birthday', '03/04/2012')).toBe('2012-05')
    expect(read('birthday', '04/03/2012')).toBe('2012-05')
    expect(read('birthday', '31/03/2012')).toBe('2012-04')
  })
})

const day = fc.date({
  min: new Date('2005-01-01T00:00:00Z'),
  max: new Date('2026-06-14T00:00:00Z'),
  noInvalidDate: true,
})

describe('how old somebody is at the least', () => {
  test('is never more than they are, and less by a month at the most', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 12_000 }), (born, days) => {
        const at = new Date(now.getTime() + days * 86_400_000)
        const stated = readAge('birthday', born.toISOString().slice(0, 10), now)
        const band = stated?.bornBefore == null ? 'adult' : `born_before_${stated.bornBefore}`
        const known = ageAtLeast(band, at) ?? 0
        const real = yearsBetween(born, at)
        expect(known).toBeLessThanOrEqual(real)
        const later = new Date(at.getTime() + 31 * 86_400_000)
        expect(ageAtLeast(band, later)).toBeGreaterThanOrEqual(Math.min(real, adultAge))
      }),
    )
  })

  test('grows by itself: a birthday that passes makes an adult', () => {
    const band = 'born_before_2010-07'
    expect(ageAtLeast(band, new Date('2026-06-30T23:59:59Z'))).toBe(15)
    expect(ageAtLeast(band, new Date('2026-07-01T00:00:00Z'))).toBe(16)
  })

  test('of what cannot be read is a child, and of nobody unknown', () => {
    expect(ageAtLeast('under_16', now)).toBe(0)
    expect(ageAtLeast('purple', now)).toBe(0)
    expect(ageAtLeast(null, now)).toBeNull()
    expect(ageAtLeast('adult', now)).toBe(adultAge)
  })

  test('of profiles that are one person is that of the youngest, in any order', () => {
    expect(youngest([null, 'adult', 'born_before_2011-12', 'born_before_2009-01'])).toBe(
      'born_before_2011-12',
    )
    expect(youngest(['adult', 'under_13', 'born_before_2011-12'])).toBe('under_13')
    expect(youngest(['adult', null])).toBe('adult')
    expect(youngest([])).toBeNull()
  })
})

function yearsBetween(born: Date, at: Date): number {
  const years = at.getUTCFullYear() - born.getUTCFullYear()
  const hadBirthday =
    at.getUTCMonth() > born.getUTCMonth() ||
    (at.getUTCMonth() === born.getUTCMonth() && at.getUTCDate() >= born.getUTCDate())
  return hadBirthday ? years : years - 1
}
