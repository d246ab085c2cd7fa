import { expect, test } from 'vitest'
import { cronProblem, lastOf, nextOf } from '../../../core/host/cron.ts'

const six = { cron: '0 6 * * *', timezone: 'Europe/Berlin' }
const iso = (date: Date | null | undefined) => date?.toISOString()

test('goes by the clock on the wall, on the day that it is changed as well', () => {
  expect(iso(nextOf(six, new Date('2026-03-28T06:00:00Z')))).toBe('2026-03-29T04:00:00.000Z')
  expect(iso(nextOf(six, new Date('2026-03-28T04:00:00Z')))).toBe('2026-03-28T05:00:00.000Z')
})

test('tells the last time, now included, and the next one, now left out', () => {
  const due = new Date('2026-06-01T04:00:00Z')
  expect(iso(lastOf(six, due))).toBe(due.toISOString())
  expect(iso(lastOf(six, new Date(due.getTime() - 1)))).toBe('2026-05-31T04:00:00.000Z')
  expect(iso(nextOf(six, due))).toBe('2026-06-02T04:00:00.000Z')
})

test.each([
  [{ cron: '0 6 * * *', timezone: 'Mars/Olympus' }, /time zone "Mars\/Olympus"/],
  [{ cron: 'at six', timezone: 'UTC' }, /"at six": use minute, hour/],
  [{ cron: '* * * * * *', timezone: 'UTC' }, /use minute, hour/],
  [{ cron: '61 * * * *', timezone: 'UTC' }, /use minute, hour/],
  [{ cron: '0 0 31 2 *', timezone: 'UTC' }, /never comes/],
])('%j is refused', (schedule, message) => {
  expect(cronProblem(schedule)).toMatch(message)
})

test.each(['*/5 * * * *', '0 6 * * MON', '0 0 1 */3 *'])('%s can be kept', (cron) => {
  expect(cronProblem({ cron, timezone: 'UTC' })).toBeUndefined()
})
