import {
  bucketOf,
  noLatencies,
  strikesAmong,
  strikeWindowMs,
  isSoft,
  type AgentRun,
  type FailedItem,
  type PluginCounts,
  type PluginError,
  type Strike,
  type Told,
  type Tried,
} from '../model/pluginHealth.ts'

type Failed = FailedItem & { at: string; agent: string; digest: string }

/** What a version of a plugin did on this node since it was last written down. */
export interface Tally extends PluginCounts {
  workspaceId: number
  plugin: string
  latency: number[]
  /** The last ones, as candidates for strikes and for the last error. */
  failed: Failed[]
  okAt: string | null
  activeAt: string
  digest: string
  told: Told
}

/** Failures remembered between two flushes; they repeat each other. */
const failedMax = 500

export const newTally = (
  workspaceId: number,
  plugin: string,
  digest: string,
  activeAt: string,
): Tally => ({
  workspaceId,
  plugin,
  digest,
  calls: 0,
  items: 0,
  failures: 0,
  denials: 0,
  bytesOut: 0,
  writes: 0,
  conflicts: 0,
  busyMs: 0,
  cpuMs: 0,
  latency: noLatencies(),
  failed: [],
  okAt: null,
  activeAt,
  told: { items: 0, failures: 0 },
})

export function addRun(tally: Tally, run: AgentRun, at: string): void {
  const { agent, digest, items, ms, failures, denials, told, bytesOut, writes, conflicts } = run
  tally.calls += 1
  tally.items += items
  tally.failures += failures.length
  tally.denials += denials
  tally.bytesOut += bytesOut
  tally.writes += writes
  tally.conflicts += conflicts
  tally.busyMs += ms
  const bucket = bucketOf(ms)
  tally.latency[bucket] = (tally.latency[bucket] ?? 0) + 1
  tally.failed.push(...failures.map((failed) => ({ ...failed, at, agent, digest })))
  tally.failed.splice(0, tally.failed.length - failedMax)
  if (failures.length < items) tally.okAt = at
  tally.activeAt = at
  tally.told = sumOf(tally.told, told)
}

const sumOf = (one: Told, other: Told): Told => ({
  items: one.items + other.items,
  failures: one.failures + other.failures,
})

/** Takes back what could not be written down, and adds what another version did. */
export function addTally(tally: Tally, earlier: Tally): void {
  tally.calls += earlier.calls
  tally.items += earlier.items
  tally.failures += earlier.failures
  tally.denials += earlier.denials
  tally.bytesOut += earlier.bytesOut
  tally.writes += earlier.writes
  tally.conflicts += earlier.conflicts
  tally.busyMs += earlier.busyMs
  tally.cpuMs += earlier.cpuMs
  tally.latency = tally.latency.map((count, at) => count + (earlier.latency[at] ?? 0))
  tally.failed.unshift(...earlier.failed)
  tally.failed.splice(0, tally.failed.length - failedMax)
  if (tally.okAt === null || (earlier.okAt ?? '') > tally.okAt) tally.okAt = earlier.okAt
  tally.told = sumOf(tally.told, earlier.told)
}

/** As `addPluginHealth` takes them: one a plugin, whichever of its versions did it. */
export function rowsOf(tallies: readonly Tally[]): object[] {
  const plugins = Map.groupBy(tallies, ({ plugin }) => plugin)
  return [...plugins.values()].flatMap((versions) => {
    const sorted = versions.toSorted((left, right) => (left.activeAt > right.activeAt ? -1 : 1))
    const [latest, ...earlier] = sorted.map((tally) => ({ ...tally, failed: [...tally.failed] }))
    if (!latest) return []
    for (const tally of earlier) addTally(latest, tally)
    const { failed, ...sum } = latest
    return { ...sum, lastError: errorOf(failed.at(-1)) }
  })
}

/** As `countVersions` takes them. */
export const versionsOf = (tallies: readonly Tally[]): object[] =>
  tallies.flatMap(({ plugin, digest, told }) =>
    told.items > 0 ? [{ plugin, digest, ...told }] : [],
  )

function errorOf(failed: Failed | undefined): PluginError | null {
  if (!failed) return null
  const { shape, ...error } = failed
  return { ...error, input: shape() }
}

export const strikesOf = ({ items, failed }: Tally, lately: Tried): Strike[] =>
  strikesAmong(items, failed, lately).map(({ at, code, digest, profileId, eventId }) => ({
    at,
    code,
    digest,
    profileId,
    eventId,
  }))

/** How the items of a version fared on this node over the last minutes; begun anew with each window. */
export interface Lately extends Tried {
  since: number
}

export function addLately(known: Lately | undefined, tally: Tally, now: number): Lately {
  const goesOn = known !== undefined && now - known.since < strikeWindowMs
  const lately = goesOn ? known : { since: now, items: 0, failed: 0 }
  const failed = tally.failed.filter(({ code }) => isSoft(code)).length
  return { ...lately, items: lately.items + tally.items, failed: lately.failed + failed }
}
