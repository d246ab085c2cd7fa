import { Cron } from 'croner'

/** A time of the clock that comes again. */
export interface Schedule {
  cron: string
  timezone: string
}

/** The first time after an instant; null where it never comes again. @throws where `cronProblem` has a word on it */
export function nextOf({ cron, timezone }: Schedule, after: Date): Date | null {
  return clockOf({ cron, timezone }).nextRun(after)
}

/** The last time up to an instant; undefined where there was none. */
export const lastOf = (schedule: Schedule, upTo: Date): Date | undefined =>
  clockOf(schedule).previousRuns(1, new Date(upTo.getTime() + 1))[0]

/** Minutes and no seconds: an occurrence may have to wake everybody. */
const clockOf = ({ cron, timezone }: Schedule): Cron =>
  new Cron(cron, { timezone, mode: '5-part', paused: true })

/** Why a schedule cannot be kept; undefined when it can. */
export function cronProblem(schedule: Schedule): string | undefined {
  const { cron, timezone } = schedule
  if (!isTimezone(timezone)) {
    return `names the time zone "${timezone}": use one of the IANA database, such as Europe/Berlin`
  }
  try {
    return nextOf(schedule, new Date(0)) === null ? `is "${cron}", which never comes` : undefined
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown
    return `is "${cron}": use minute, hour, day of month, month and day of week, such as 0 6 * * MON`
  }
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (thrown) {
    if (thrown instanceof RangeError) return false
    throw thrown
  }
}
