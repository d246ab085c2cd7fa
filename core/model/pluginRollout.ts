/** How a new version of a plugin is tried, and when it is taken back. Pure. */
import { z } from 'zod'

/**
 *   canary       runs beside the version in service, on a share of the profiles
 *   watching     is in service, and its first items are looked at
 *   completed    is over, and the version stood
 *   rolled_back  is over, and the version before goes on
 */
export const rolloutStates = ['canary', 'watching', 'completed', 'rolled_back'] as const
export type RolloutState = (typeof rolloutStates)[number]

/** Items that told something, each counted with its first attempt alone, and those that the version failed. */
export interface RolloutCounts {
  items: number
  failures: number
  baseItems: number
  baseFailures: number
}

/** What a version is judged by; kept with each rollout. */
export interface RolloutLimits {
  /** A version in service is watched for so many items, or so long from the first, whichever ends sooner. */
  items: number
  ms: number
  /** With fewer items there is no rate, and fewer failures are bad luck. */
  itemsMin: number
  failuresMin: number
  /** The share of its items that it may fail, or so many times that of the version before, if that is more. */
  rate: number
  times: number
}

export const rolloutLimits = {
  items: 1000,
  ms: 600_000,
  itemsMin: 20,
  failuresMin: 3,
  rate: 0.05,
  times: 2,
} as const satisfies RolloutLimits

export type RolloutVerdict = 'goes_on' | 'completed' | 'failed'

/** @param ms since the first item; null before it. A canary is judged for as long as it is one. */
export function judgeRollout(
  state: 'canary' | 'watching',
  counts: RolloutCounts,
  limits: RolloutLimits,
  ms: number | null,
): RolloutVerdict {
  const { items, failures } = counts
  const isTold = items >= limits.itemsMin && failures >= limits.failuresMin
  if (isTold && failures > items * allowedRate(counts, limits)) return 'failed'
  const isThrough = items >= limits.items || (ms !== null && ms >= limits.ms)
  return state === 'watching' && isThrough ? 'completed' : 'goes_on'
}

/** A version before of which little is known is no excuse. */
function allowedRate(
  { baseItems, baseFailures }: RolloutCounts,
  { rate, times, itemsMin }: RolloutLimits,
): number {
  return baseItems < itemsMin ? rate : Math.max(rate, (times * baseFailures) / baseItems)
}

/** Why a version failed, with the figures. */
export function failureText(counts: RolloutCounts, limits: RolloutLimits): string {
  const { items, failures, baseItems, baseFailures } = counts
  const allowed = percent(allowedRate(counts, limits))
  const before =
    baseItems === 0 ? '' : `; the version before failed ${baseFailures} of ${baseItems}`
  return `It failed ${failures} of ${items} items (${percent(failures / items)}, ${allowed} are allowed)${before}.`
}

const percent = (rate: number): string => `${Math.round(rate * 1000) / 10} %`

/**
 * Codes of failures that are a plugin's own doing. What is missing here, such as a lost process or a busy database,
 * says nothing of the version.
 */
const ownFaults = [
  'plugin_threw',
  'plugin_result_invalid',
  'plugin_timeout',
  'plugin_out_of_memory',
  'effect_not_declared',
  'plugin_handle_misplaced',
  'trait_value_invalid',
  'plugin_state_unfit',
  'plugin_state_not_migrated',
  'plugin_state_profile_full',
  'plugin_state_full',
] as const

/** Codes with which reactions fail of a version, so that they are worth another try with another one. */
export const versionFaults = [...ownFaults, 'cell_lost', 'plugin_not_run'] as const

const own: ReadonlySet<string> = new Set(ownFaults)
export const isOwnFault = (code: string): boolean => own.has(code)

export const shareSchema = z.int('give a whole number of percent').min(1).max(99)
const pluginSchema = z.string().trim().min(1).max(60)

export const canaryInput = z.object({ canary: shareSchema.nullish() })
export const setShareInput = z.object({ plugin: pluginSchema, share: shareSchema })
export const rollbackInput = z.object({
  plugin: pluginSchema,
  comment: z.string().trim().min(1).max(500).nullish(),
})
