import type { JsonObject } from './json.ts'

/** Strikes within `strikeWindowMs` that quarantine a plugin. */
const strikesMax = 5
export const strikeWindowMs = 600_000

/** What a plugin did, as sums. */
export interface PluginCounts {
  calls: number
  items: number
  failures: number
  /** Items whose effects policies refused, and requests that were denied. */
  denials: number
  bytesOut: number
  /** Traits that its agents wrote or would have written. */
  writes: number
  /** Of these, those that met another agent's word or a commitment, whoever of them was heard. */
  conflicts: number
  /** Time that its calls took, in milliseconds. */
  busyMs: number
  /** Processor time of its calls, in milliseconds. */
  cpuMs: number
}

/** What a batch of one agent came to. */
export interface AgentRun {
  workspaceId: number
  plugin: string
  agent: string
  digest: string
  items: number
  ms: number
  failures: readonly FailedItem[]
  /** Items whose effects policies refused, and requests that were denied. */
  denials: number
  /** Sent by its requests. */
  bytesOut: number
  /** As in `PluginCounts`. */
  writes: number
  conflicts: number
  /** Of the items those that tell of the version: tried for the first time, whatever befell them from outside. */
  told: Told
}

/** Items, and those of them that failed by the version's own doing. */
export interface Told {
  items: number
  failures: number
}

export interface FailedItem {
  code: string
  /** Masked. */
  message: string
  profileId: string
  /** The first event that woke the agent; null where none did. */
  eventId: string | null
  /** What the handler was given, without values. */
  shape(): JsonObject
}

/** The last failure of a plugin. */
export interface PluginError {
  at: string
  code: string
  message: string
  agent: string
  digest: string
  profileId: string
  eventId: string | null
  /** Types and lengths instead of values. */
  input: JsonObject
}

export interface Strike {
  at: string
  code: string
  digest: string
  profileId: string
  eventId: string | null
}

/** A line that a plugin wrote; masked. */
export interface PluginLine {
  at: string
  level: string
  agent: string | null
  message: string
}

export interface Quarantine {
  at: string
  /** What the strike was for that was one too many, and what it was about. */
  code: string
  digest: string
  profileId: string
  eventId: string | null
  strikes: number
  lines: PluginLine[]
}

/** What stops others as well counts each time. */
const hard: ReadonlySet<string> = new Set(['plugin_timeout', 'plugin_out_of_memory'])
/** What harms nobody else counts once nearly every item fails of it. */
const soft: ReadonlySet<string> = new Set(['plugin_threw', 'plugin_result_invalid', 'cell_lost'])
export const isSoft = (code: string): boolean => soft.has(code)

/** Below this share of a plugin's items a timeout is the machine's hiccup rather than a hang. */
const timeoutShareMin = 0.01
const softShareMin = 0.9
const softItemsMin = 10

export interface Tried {
  items: number
  failed: number
}

/**
 * The failures, of those of the last second, that are strikes. `lately` counts the plugin's items of the last
 * minutes and those of them that failed softly.
 */
export function strikesAmong<Failed extends { code: string }>(
  items: number,
  failures: readonly Failed[],
  lately: Tried,
): Failed[] {
  const timeouts = failures.filter(({ code }) => code === 'plugin_timeout').length
  const counts = ({ code }: Failed): boolean =>
    hard.has(code) && (code !== 'plugin_timeout' || timeouts >= items * timeoutShareMin)
  const isHopeless = lately.items >= softItemsMin && lately.failed >= lately.items * softShareMin
  const softly = isHopeless ? failures.findLast(({ code }) => soft.has(code)) : undefined
  return [...failures.filter(counts), ...(softly ? [softly] : [])]
}

/**
 * The strikes that count now. A profile that fails again counts once more only if the plugin worked for nobody in
 * between: one poisoned profile must not stop what is good for all others.
 */
export function addStrikes(
  known: readonly Strike[],
  fresh: readonly Strike[],
  { now, digest, okAt }: { now: Date; digest: string; okAt: Date | null },
): Strike[] {
  const since = now.getTime() - strikeWindowMs
  const counting = [...known, ...fresh]
    .filter((strike) => strike.digest === digest && Date.parse(strike.at) > since)
    .toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at))
  const lastOf = new Map<string, number>()
  const distinct = counting.filter(({ profileId, at }) => {
    const before = lastOf.get(profileId)
    if (before !== undefined && okAt !== null && okAt.getTime() > before) return false
    lastOf.set(profileId, Date.parse(at))
    return true
  })
  return distinct.slice(-4 * strikesMax)
}

/**
 * Whether a plugin that had these strikes is stopped. All of one profile are that profile's doing as likely as the
 * plugin's, and end by themselves: a reaction is given up after its last attempt.
 */
export const areTooMany = (strikes: readonly Strike[]): boolean =>
  strikes.length >= strikesMax &&
  strikes.some(({ profileId }) => profileId !== strikes[0]?.profileId)

/** Upper bounds of the buckets of latencies, in ms; one more bucket holds what took longer. */
const latencyBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const
export const noLatencies = (): number[] => [...latencyBounds.map(() => 0), 0]

export function bucketOf(ms: number): number {
  const at = latencyBounds.findIndex((bound) => ms <= bound)
  return at < 0 ? latencyBounds.length : at
}

/** The bound below which the share of calls was; null without calls. What took longest counts as 10 s. */
export function latencyAt(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let below = 0
  const at = counts.findIndex((count) => (below += count) >= total * share)
  return latencyBounds[at] ?? 10_000
}
