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
  type Tried,
} from '../model/pluginHealth.ts'

type Failed = FailedItem & { at: string; agent: string; digest: string }

/** What a plugin did on this node since it was last written down. */
export interface Tally extends PluginCounts {
  workspaceId: number
  plugin: string
  latency: number[]
  /** The last ones, as candidates for strikes and for the last error. */
  failed: Failed[]
  okAt: string | null
  activeAt: string
  /** The version that was called last. */
  digest: string
}

/** Failures remembered between two flushes; they repeat each other. */
const failedMax = 500

export const newTally = (workspaceId: number, plugin: string, activeAt: string): Tally => ({
  workspaceId,
  plugin,
  calls: 0,
  items: 0,
  failures: 0,
  denials: 0,
  bytesOut: 0,
  busyMs: 0,
  cpuMs: 0,
  latency: noLatencies(),
  failed: [],
  okAt: null,
  activeAt,
  digest: '',
})

export function addRun(tally: Tally, run: AgentRun, at: string): void {
  const { agent, digest, items, ms, failures, denials, bytesOut } = run
  tally.calls += 1
  tally.items += items
  tally.failures += failures.length
  tally.denials += denials
  tally.bytesOut += bytesOut
  tally.busyMs += ms
  const bucket = bucketOf(ms)
  tally.latency[bucket] = (tally.latency[bucket] ?? 0) + 1
  tally.failed.push(...failures.map((failed) => ({ ...failed, at, agent, digest })))
  tally.failed.splice(0, tally.failed.length - failedMax)
  if (failures.length < items) tally.okAt = at
  tally.activeAt = at
  tally.digest = digest
}

/** Takes back what could not be written down. */
export function addTally(tally: Tally, earlier: Tally): void {
  tally.calls += earlier.calls
  tally.items += earlier.items
  tally.failures += earlier.failures
  tally.denials += earlier.denials
  tally.bytesOut += earlier.bytesOut
  tally.busyMs += earlier.busyMs
  tally.cpuMs += earlier.cpuMs
  tally.latency = tally.latency.map((count, at) => count + (earlier.latency[at] ?? 0))
  tally.failed.unshift(...earlier.failed)
  tally.failed.splice(0, tally.failed.length - failedMax)
  tally.okAt ??= earlier.okAt
}

/** As `addPluginHealth` takes it. */
export const rowOf = ({ failed, ...tally }: Tally) => ({
  ...tally,
  lastError: errorOf(failed.at(-1)),
})

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
  digest: string
  since: number
}

export function addLately(known: Lately | undefined, tally: Tally, now: number): Lately {
  const { digest } = tally
  const goesOn = known?.digest === digest && now - known.since < strikeWindowMs
  const lately = goesOn ? known : { digest, since: now, items: 0, failed: 0 }
  const failed = tally.failed.filter(({ code }) => isSoft(code)).length
  return { ...lately, items: lately.items + tally.items, failed: lately.failed + failed }
}
