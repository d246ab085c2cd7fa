import { expect, test } from 'vitest'
import { dueOf, extendedDue, lawAgain, lawNamed, lawOf } from '../../../core/subject/clock.ts'

const day = (date: Date | null): string | null => date?.toISOString().slice(0, 10) ?? null

/** Jurisdiction, day of the request, due, due when extended, to be acknowledged by. */
const table: [string | null, string, string, string | null, string | null][] = [
  ['DE', '2026-01-15', '2026-02-15', '2026-04-15', null],
  // The month ends sooner than the day: the last day it has, and three months from the request, not from there.
  ['DE', '2026-01-31', '2026-02-28', '2026-04-30', null],
  ['FR', '2028-01-31', '2028-02-29', '2028-04-30', null],
  ['IE', '2026-11-30', '2026-12-30', '2027-02-28', null],
  ['GB', '2026-12-31', '2027-01-31', '2027-03-31', null],
  // 45 days and 45 more; ten business days from Friday 2 January are Friday the 16th.
  ['US-CA', '2026-01-02', '2026-02-16', '2026-04-02', '2026-01-16'],
  ['US-VA', '2026-01-02', '2026-02-16', '2026-04-02', null],
  ['US-IA', '2026-01-02', '2026-04-02', '2026-05-17', null],
  ['BR', '2026-02-20', '2026-03-07', null, null],
  // Nobody knows where they are: the shortest clock of all, and no more time.
  [null, '2026-02-20', '2026-03-07', null, '2026-03-06'],
  ['XX', '2026-02-20', '2026-03-07', null, '2026-03-06'],
]

test.each(table)(
  'a request from %s of %s is due on %s, extended on %s, acknowledged by %s (Art. 12(3))',
  (place, asked, due, extended, acknowledged) => {
    const receivedAt = new Date(`${asked}T10:00:00Z`)
    const law = lawOf(place)
    expect(day(dueOf(law, receivedAt).dueAt)).toBe(due)
    expect(day(dueOf(law, receivedAt).acknowledgeBy)).toBe(acknowledged)
    expect(day(extendedDue(law, receivedAt))).toBe(extended)
  },
)

test('the law that a controller names counts, whatever the place of the person is', () => {
  expect(lawAgain({ regulation: 'gdpr', jurisdiction: 'US-CA' })).toEqual(lawNamed('gdpr'))
  expect(lawAgain({ regulation: 'us_opt_out', jurisdiction: 'US-IA' })).toEqual(lawOf('US-IA'))
  expect(lawAgain({ regulation: 'a law of before', jurisdiction: 'DE' })).toEqual(lawOf('DE'))
})
