import type { QuietHours } from '../core/model/policyLimit.ts'

/** Quiet hours at one person's place. */
export interface LocalQuiet extends Pick<QuietHours, 'from' | 'to'> {
  readonly timezone: string
}

/** A person's own time zone where it is known and there is such a zone, else the one that the limit names. */
export function localQuiet(
  { from, to, timezone, timezoneTrait }: QuietHours,
  traits: Readonly<Record<string, unknown>>,
): LocalQuiet {
  const own =
    timezoneTrait !== undefined && Object.hasOwn(traits, timezoneTrait)
      ? traits[timezoneTrait]
      : undefined
  return { from, to, timezone: typeof own === 'string' && isTimezone(own) ? own : timezone }
}

const zonesMax = 2000
const zones = new Map<string, boolean>()

/** Asked once a name: looking one up takes 20 µs, and a person may be given any text. */
export function isTimezone(name: string): boolean {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (zones.size >= zonesMax) zones.clear()
  const found = name.length <= 60 && isZone(name)
  zones.set(name, found)
  return found
}

function isZone(name: string): boolean {
  // An offset such as +02:00 is no place: it knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).year > 0
  } catch {
    return false
  }
}

/**
 * From when on something may leave that could leave at `at`, by all of these quiet hours together: `at` itself
 * when none holds then. Null when one or the other always holds.
 */
export function notBefore(all: readonly LocalQuiet[], at: Date): Date | null {
  let time = at
  // Each step ends one of them. Whoever is still moved on after two rounds a day for two days never ends.
  for (let step = 0; step <= all.length * 4; step += 1) {
    const holding = all.find((quiet) => isQuiet(quiet, time))
    if (holding === undefined) return time
    time = nextAt(holding.timezone, holding.to, time)
  }
  return null
}

/** When the first of these quiet hours begins after `at`; null when there are none. */
export function nextQuiet(all: readonly LocalQuiet[], at: Date): Date | null {
  const starts = all.map(({ timezone, from }) => nextAt(timezone, from, at).getTime())
  return starts.length === 0 ? null : new Date(Math.min(...starts))
}

/** By the clock on the wall: an hour that comes twice is quiet twice, one that is left out is not missed. */
function isQuiet({ from, to, timezone }: LocalQuiet, at: Date): boolean {
  const wall = wallOf(at, timezone).toPlainTime().toString({ smallestUnit: 'minute' })
  return from < to ? from <= wall && wall < to : from <= wall || wall < to
}

/** The first instant after `at` at which the clock on the wall comes to this time, or leaps over it. */
function nextAt(timezone: string, clock: string, at: Date): Date {
  const wall = wallOf(at, timezone)
  for (let days = 0; days <= 2; days += 1) {
    const wanted = wall.toPlainDate().add({ days }).toPlainDateTime(clock)
    for (const disambiguation of ['earlier', 'later'] as const) {
      const found = firstAt(wanted, timezone, disambiguation)
      if (found > at.getTime()) return new Date(found)
    }
  }
  // A day at the other side of the date line was left out once, in 2011: the same clock an hour of days on.
  return new Date(at.getTime() + 86_400_000)
}

/** In a gap there is no such time on the wall: it is leapt over at the moment when the clock changes. */
function firstAt(
  wanted: Temporal.PlainDateTime,
  timezone: string,
  disambiguation: 'earlier' | 'later',
): number {
  const found = wanted.toZonedDateTime(timezone, { disambiguation })
  if (found.toPlainDateTime().equals(wanted)) return found.epochMilliseconds
  const after = wanted.toZonedDateTime(timezone, { disambiguation: 'later' })
  return after.getTimeZoneTransition('previous')?.epochMilliseconds ?? after.epochMilliseconds
}

const wallOf = (at: Date, timezone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timezone)
