import { cancel, definePlugin, done, type Json, type ReactInput } from 'slateboard/plugin'
import { bestHour, emptyWeek, hoursOfWeek, sum, withVisit } from './hours.ts'

const level = 0.5
/** Visits after which half of the evidence is in. */
const halfEvidence = 10
/**
 * So many visits of one person are added to what is known of everybody at once: whatever all profiles share is
 * written by one reaction at a time.
 */
const sharedAtOnce = 10

export default definePlugin({
  agents: {
    learn: (input) => {
      const zone = zoneOf(input)
      const visits = input.causes.flatMap((cause) =>
        cause.kind === 'event' ? [hourOfWeek(cause.timestamp, zone)] : [],
      )
      if (visits.length === 0) return cancel('nobody came')
      const own = visits.reduce(withVisit, weekIn(input.state.profile['hours']))
      const unshared = [...hoursIn(input.state.profile['unshared']), ...visits]
      const isShared = unshared.length >= sharedAtOnce
      const before = weekIn(input.state.plugin['prior'])
      const prior = isShared ? unshared.reduce(added, before) : before
      const strength = input.config['priorStrength']
      const best = bestHour(own, prior, {
        level,
        strength: typeof strength === 'number' ? strength : 20,
      })
      return done({
        writes: { send_hour: written(input, best, sum(own)) },
        state: {
          profile: { hours: own, unshared: isShared ? [] : unshared },
          ...(isShared ? { plugin: { prior } } : {}),
        },
      })
    },
  },
})

function written(
  { profile }: ReactInput,
  { hour, low, high }: { hour: number; low: number; high: number },
  visits: number,
) {
  // In tenths, so that not every visit of theirs wakes who goes by the hour.
  const confidence = Math.round((visits / (visits + halfEvidence)) * 10) / 10
  const before = profile.traits['send_hour']
  if (before?.value === hour && before.confidence === confidence && before.interval)
    return { value: hour, confidence, interval: before.interval }
  return {
    value: hour,
    confidence,
    interval: { low, high, level, method: 'dirichlet' },
  }
}

const added = (counts: number[], hour: number): number[] =>
  counts.map((count, at) => (at === hour ? count + 1 : count))

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** 0 is Monday from midnight to one, where the person lives. */
function hourOfWeek(timestamp: string, zone: string): number {
  const at = new Date(timestamp)
  // QuickJS, where isolates do not load, has no time zones.
  if (typeof Intl === 'undefined') return ((at.getUTCDay() + 6) % 7) * 24 + at.getUTCHours()
  const parts = clockOf(zone).formatToParts(at)
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? ''
  return (days.indexOf(part('weekday')) * 24 + Number(part('hour'))) % hoursOfWeek
}

const zoneOf = ({ profile }: ReactInput): string => {
  const zone = profile.traits['timezone']?.value
  return typeof zone === 'string' ? zone : 'UTC'
}

// One is slow to make: a millisecond, and the first some ten.
const clocks = new Map<string, Intl.DateTimeFormat>()
const clocksMax = 100

/** Of the time zone where it is one that this machine knows, else of UTC. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  const clock = makeClock(zone)
  if (clocks.size >= clocksMax) clocks.clear()
  clocks.set(zone, clock)
  return clock
}

function makeClock(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: 'numeric',
      hourCycle: 'h23',
    })
  } catch {
    return makeClock('UTC')
  }
}

function hoursIn(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.filter((hour) => typeof hour === 'number') : []
}

function weekIn(value: Json | undefined): number[] {
  const counts = hoursIn(value)
  return counts.length === hoursOfWeek ? counts : emptyWeek()
}
