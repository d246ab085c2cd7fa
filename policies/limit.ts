import type { PolicyLimit } from '../core/model/policyLimit.ts'
import { covers } from '../core/model/purpose.ts'
import type { Policy } from './document.ts'

/** The limits of a policy that bind an activation for this purpose by this channel, in the document's order. */
export const limitsFor = (
  { document }: Pick<Policy, 'document'>,
  purpose: string,
  channel: string,
): readonly PolicyLimit[] =>
  (document.limits ?? []).filter((limit) => isAbout(limit, purpose, channel))

export const isAbout = (
  { purposes, channels }: Pick<PolicyLimit, 'purposes' | 'channels'>,
  purpose: string,
  channel: string,
): boolean =>
  purposes.some((each) => each === '*' || covers(each, purpose)) &&
  (channels.includes('*') || channels.includes(channel))

/** The lowest of the risks from which on somebody has to approve; null when no limit asks for that. */
export function riskThreshold(limits: readonly PolicyLimit[]): number | null {
  const thresholds = limits.flatMap(({ riskAbove }) => riskAbove ?? [])
  return thresholds.length === 0 ? null : Math.min(...thresholds)
}

/** How old a value may be, in days; null when any may go. */
export function maxAgeOf(limits: readonly PolicyLimit[]): number | null {
  const ages = limits.flatMap(({ maxAgeDays }) => maxAgeDays ?? [])
  return ages.length === 0 ? null : Math.min(...ages)
}
