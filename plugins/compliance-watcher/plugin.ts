import {
  cancel,
  definePlugin,
  done,
  type Json,
  type JsonObject,
  type ReactInput,
} from 'slateboard/plugin'

interface Notes {
  /** When somebody last said something on a purpose, ISO 8601. */
  heard: { [purpose: string]: string }
  place: string | null
  movedAt: string | null
}

const dayMs = 86_400_000
/** What it may hold, with everything below. Service goes on whatever happens. */
const watched = ['analytics', 'personalization', 'marketing']
const purposesMax = 20

export default definePlugin({
  agents: {
    note: (input) => {
      const before = known(input)
      const heard = { ...before?.heard }
      for (const cause of input.causes)
        if (cause.kind === 'consent' && isWatched(cause.purpose)) heard[cause.purpose] = input.now
      const place = placeOf(input) ?? before?.place ?? null
      const wasElsewhere = before !== undefined && before.place !== null && before.place !== place
      const movedAt = wasElsewhere ? input.now : (before?.movedAt ?? null)
      if (Object.keys(heard).length === 0 && place === null) return cancel('nothing to note')
      const kept = Object.fromEntries(Object.entries(heard).slice(0, purposesMax))
      return done({ writes: { consent_record: { value: { heard: kept, place, movedAt } } } })
    },
    judge: (input) => {
      const record = known(input)
      if (record === undefined) return cancel('nobody said anything')
      const purposes = Object.keys(record.heard)
      const stale = purposes.filter((purpose) => isStale(record, purpose, input)).toSorted()
      const status = stale.length > 0 ? 'refresh_needed' : 'current'
      return done({
        writes: { compliance_state: { value: { status, purposes: stale } } },
        // Said again with every run: a hold that is already there, or already gone, changes nothing.
        holds: stale.map((purpose) => ({ purpose, reason: 'consent has to be refreshed' })),
        releases: purposes.filter((purpose) => !stale.includes(purpose)),
      })
    },
  },
})

const isWatched = (purpose: string): boolean =>
  watched.some((each) => purpose === each || purpose.startsWith(`${each}.`))

/** Too old, or of before they moved to where another law may hold. */
function isStale(
  { heard, movedAt }: Notes,
  purpose: string,
  { now, config }: Required<ReactInput>,
): boolean {
  const at = Date.parse(heard[purpose] ?? now)
  const days = config['refreshDays']
  const refreshMs = (typeof days === 'number' ? days : 730) * dayMs
  const isOfElsewhere = config['onMove'] !== false && movedAt !== null && at < Date.parse(movedAt)
  return isOfElsewhere || Date.parse(now) - at >= refreshMs
}

function placeOf({ profile }: ReactInput): string | undefined {
  const parts = ['country', 'region'].flatMap((key) => {
    const value = profile.traits[key]?.value
    return typeof value === 'string' && value !== '' ? [value.slice(0, 50)] : []
  })
  return parts.length === 0 ? undefined : parts.join('-').toUpperCase()
}

function known({ profile }: ReactInput): Notes | undefined {
  const value = objectIn(profile.traits['consent_record']?.value)
  if (value === undefined) return undefined
  const heard = Object.entries(objectIn(value['heard']) ?? {}).flatMap(([purpose, at]) =>
    typeof at === 'string' ? [[purpose, at]] : [],
  )
  return {
    heard: Object.fromEntries(heard),
    place: textOf(value['place']),
    movedAt: textOf(value['movedAt']),
  }
}

const objectIn = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' ? value : null
