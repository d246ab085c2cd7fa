import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTimezone, localQuiet, nextQuiet, notBefore } from '../../policies/quietHours.ts'
import type { LocalQuiet } from '../../policies/quietHours.ts'

const night = (timezone: string, from = '21:00', to = '08:00'): LocalQuiet => ({
  from,
  to,
  timezone,
})
const until = (text: string, ...all: LocalQuiet[]) =>
  notBefore(all, new Date(text))?.toISOString() ?? null

describe('notBefore', () => {
  it.each([
    ['before they begin', '2026-06-01T18:59:59.999Z', '2026-06-01T18:59:59.999Z'],
    ['as they begin', '2026-06-01T19:00:00Z', '2026-06-02T06:00:00.000Z'],
    ['in the evening', '2026-06-01T21:30:00Z', '2026-06-02T06:00:00.000Z'],
    ['past midnight', '2026-06-02T01:00:00Z', '2026-06-02T06:00:00.000Z'],
    ['in their last moment', '2026-06-02T05:59:59.999Z', '2026-06-02T06:00:00.000Z'],
    ['as they end', '2026-06-02T06:00:00Z', '2026-06-02T06:00:00.000Z'],
  ])('of a night in Berlin, asked %s', (_, at, wanted) => {
    expect(until(at, night('Europe/Berlin'))).toBe(wanted)
  })

  it('goes by each place: it is night in Tokyo while it is day in New York', () => {
    const at = '2026-06-01T15:00:00Z'
    expect(until(at, night('Asia/Tokyo'))).toBe('2026-06-01T23:00:00.000Z')
    expect(until(at, night('America/New_York'))).toBe('2026-06-01T15:00:00.000Z')
  })

  it('ends by the clock on the wall when summer time begins or ends in the night', () => {
    // Clocks go forward at 01:00Z on 29 March, and back on 25 October: the nights have ten and twelve hours.
    expect(until('2026-03-28T22:00:00Z', night('Europe/Berlin'))).toBe('2026-03-29T06:00:00.000Z')
    expect(until('2026-10-24T20:00:00Z', night('Europe/Berlin'))).toBe('2026-10-25T07:00:00.000Z')
  })

  it('ends when the clock leaps over the end, and begins when it leaps over the beginning', () => {
    const hours = night('Europe/Berlin', '22:00', '02:30')
    expect(until('2026-03-29T00:30:00Z', hours)).toBe('2026-03-29T01:00:00.000Z')
    const leapt = night('Europe/Berlin', '02:30', '05:00')
    expect(until('2026-03-29T00:59:59Z', leapt)).toBe('2026-03-29T00:59:59.000Z')
    expect(until('2026-03-29T01:00:00Z', leapt)).toBe('2026-03-29T03:00:00.000Z')
  })

  it('holds in both of an hour that comes twice', () => {
    const hours = night('Europe/Berlin', '02:00', '03:00')
    expect(until('2026-10-25T00:30:00Z', hours)).toBe('2026-10-25T02:00:00.000Z')
    expect(until('2026-10-25T01:30:00Z', hours)).toBe('2026-10-25T02:00:00.000Z')
  })

  it('of hours that overlap is after all of them', () => {
    const at = '2026-06-01T21:30:00Z'
    const noon = night('UTC', '05:00', '12:00')
    expect(until(at, night('UTC', '21:00', '06:00'), noon)).toBe('2026-06-02T12:00:00.000Z')
    expect(until(at, noon, night('UTC', '21:00', '06:00'))).toBe('2026-06-02T12:00:00.000Z')
  })

  it('is never where one or the other always holds', () => {
    expect(
      until('2026-06-01T21:30:00Z', night('UTC', '12:00', '00:00'), night('UTC', '00:00', '12:00')),
    ).toBeNull()
  })

  it('of no hours is at once', () => {
    expect(until('2026-06-01T21:30:00Z')).toBe('2026-06-01T21:30:00.000Z')
  })

  it('is not before it is asked, at most a day and an hour on, and holds no more itself', () => {
    const clock = fc
      .integer({ min: 0, max: 47 })
      .map((half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`)
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ]
    fc.assert(
      fc.property(
        fc.record({ from: clock, to: clock, timezone: fc.constantFrom(...zones) }),
        fc.date({ min: new Date('2025-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
        (quiet, at) => {
          fc.pre(quiet.from !== quiet.to)
          const end = notBefore([quiet], at)
          expect(end).not.toBeNull()
          if (end === null) return
          expect(end.getTime()).toBeGreaterThanOrEqual(at.getTime())
          expect(end.getTime() - at.getTime()).toBeLessThanOrEqual(25 * 3_600_000)
          expect(notBefore([quiet], end)).toEqual(end)
          // Every moment between is quiet: the law that makes it the first that is not.
          const middle = new Date((at.getTime() + end.getTime()) / 2)
          if (end > at) expect(notBefore([quiet], middle)).toEqual(end)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('nextQuiet', () => {
  it('is when the first of them begins, and nothing where there are none', () => {
    const at = new Date('2026-06-01T12:00:00Z')
    const all = [night('Europe/Berlin'), night('Asia/Tokyo')]
    expect(nextQuiet(all, at)).toEqual(new Date('2026-06-01T19:00:00Z'))
    expect(nextQuiet(all.slice(1), at)).toEqual(new Date('2026-06-02T12:00:00Z'))
    expect(nextQuiet([], at)).toBeNull()
  })
})

describe('localQuiet', () => {
  const hours = { from: '21:00', to: '08:00', timezone: 'UTC', timezoneTrait: 'timezone' }

  it.each([
    ['their own', { timezone: 'Asia/Tokyo' }, 'Asia/Tokyo'],
    ['the fallback where it is not known', {}, 'UTC'],
    ['the fallback where it is no zone', { timezone: 'Middle/Earth' }, 'UTC'],
    ['the fallback where it is no text', { timezone: 9 }, 'UTC'],
    ['the fallback where it is an offset', { timezone: '+02:00' }, 'UTC'],
  ])('takes %s', (_, traits, timezone) => {
    expect(localQuiet(hours, traits)).toEqual({ from: '21:00', to: '08:00', timezone })
  })
})

it('knows the time zones that there are', () => {
  expect(['UTC', 'Europe/Berlin', 'Europe/Berlinn', '', '+01:00'].map(isTimezone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
