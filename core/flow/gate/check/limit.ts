import { isTimezone, localQuiet, nextQuiet, notBefore } from '../../../../policies/quietHours.ts'
import type { LocalQuiet } from '../../../../policies/quietHours.ts'
import { maxAgeOf, riskThreshold } from '../../../../policies/limit.ts'
import { fieldMatches, fieldName, identifierField } from '../../../../policies/vocabulary.ts'
import { fail } from '../../../errors.ts'
import { ruleClass } from '../../../model/trait.ts'
import type { PolicyLimit } from '../../../model/policyLimit.ts'
import { hold, pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Approval, GateInput } from '../input.ts'
import { declaredActs } from './request.ts'

/** For so long an approval counts: what was approved is to be sent, not kept for later. */
export const approvalMs = 7 * 86_400_000

const dayMs = 86_400_000

/**
 * The person has not been addressed too often, and is not addressed at night. Too often refuses: a cap is there
 * so that less is sent, and what waited for it would come as soon as it might. Night only puts off, by the
 * obligation `notBefore`.
 */
export function checkFrequency(input: GateInput): Finding {
  const counted = input.limits.flatMap((limit) => countOf(limit, input) ?? [])
  const evidence = counted.flatMap(({ id, sent, max }) => [
    `limit:${id}`,
    `sent:${sent}`,
    `max:${max}`,
  ])
  if (counted.some(({ sent, max }) => sent >= max)) return refuse('frequency_capped', evidence)
  const { hours, ids } = quietOf(input)
  const from = notBefore(hours, input.now)
  const limits = ids.map((id) => `limit:${id}`)
  if (from === null) return refuse('quiet_hours_never_end', [...evidence, ...limits])
  if (from > input.now) {
    return pass('quiet_hours', [...evidence, ...limits, `notBefore:${from.toISOString()}`])
  }
  return pass('ok', [...evidence, ...limits])
}

interface Count {
  id: string
  sent: number
  max: number
}

/** A cap that nobody has counted for cannot be kept: that is a fault, and a check that throws has failed. */
function countOf({ id, cap }: PolicyLimit, { contacts }: GateInput): Count | undefined {
  if (cap === undefined) return undefined
  const counted = Object.hasOwn(contacts, id) ? contacts[id] : undefined
  if (counted === undefined) throw fail('internal', { where: `the count for limit ${id}` })
  return { id, sent: counted.sent, max: cap.max }
}

/** What is risky waits for a person, and what a person refused is not sent. */
export function checkRisk(input: GateInput): Finding {
  const verdict = approvalOf(input)
  if (verdict?.verdict === 'refused') return refuse('refused_by_person', [`approval:${verdict.id}`])
  const threshold = riskThreshold(input.limits)
  const risk = riskOf(input)
  if (threshold === null || risk <= threshold) {
    return pass('ok', threshold === null ? [] : [`risk:${risk}`, `above:${threshold}`])
  }
  const limits = input.limits
    .filter(({ riskAbove }) => riskAbove !== undefined && risk > riskAbove)
    .map(({ id }) => `limit:${id}`)
  const evidence = [`risk:${risk}`, `above:${threshold}`, ...limits]
  return verdict === null
    ? hold('risk_needs_approval', evidence)
    : pass('approved_by_person', [...evidence, `approval:${verdict.id}`])
}

/** What the proposer said, and never less than the manifest says of such acts. */
export function riskOf(input: GateInput): number {
  const declared = declaredActs(input).map(({ risk = 0 }) => risk)
  return Math.max(input.request.risk, ...declared)
}

/** What a person last said to the activation; an approval runs out, a refusal does not. */
export function approvalOf({ approval, now }: GateInput): Approval | null {
  if (approval === null || approval.verdict === 'refused') return approval
  return now < approvalEnd(approval) ? approval : null
}

const approvalEnd = ({ at }: Approval): Date => new Date(at.getTime() + approvalMs)

/** Fields whose value is too old to be sent. */
export function staleFields({ request, limits, writtenAt, now }: GateInput): string[] {
  const days = maxAgeOf(limits)
  if (days === null) return []
  return request.fields.filter((key) => {
    const at = Object.hasOwn(writtenAt, key) ? writtenAt[key] : undefined
    return at !== undefined && at.getTime() + days * dayMs <= now.getTime()
  })
}

/** What leaves as a hash only: traits as `trait:email`, the person's address as `identifier:email`. */
export function hashOf(input: GateInput, mask: readonly string[]): string[] {
  const patterns = input.limits.flatMap(({ hash = [] }) => hash)
  if (patterns.length === 0) return []
  const { request, traits, channels } = input
  const address = Object.hasOwn(channels, request.channel)
    ? channels[request.channel]?.addressedBy
    : undefined
  const fields = [
    ...traits
      .filter(({ key }) => request.fields.includes(key) && !mask.includes(key))
      .map((trait) => ({ kind: 'trait', key: trait.key, dataClass: ruleClass(trait) }) as const),
    ...(address === undefined || address === null ? [] : [identifierField(address)]),
  ]
  return fields
    .filter((field) => fieldMatches(patterns, fieldName(field)))
    .map(({ kind, key }) => `${kind}:${key}`)
}

/** When something that was decided now has to wait: null when it need not. */
export function waitOf(input: GateInput): Date | null {
  const from = notBefore(quietOf(input).hours, input.now)
  return from !== null && from > input.now ? from : null
}

/** The next instants at which a limit would answer otherwise. */
export function limitsChangeAt(input: GateInput, mask: readonly string[]): Date[] {
  const quiet = nextQuiet(quietOf(input).hours, input.now)
  const approval = approvalOf(input)
  const days = maxAgeOf(input.limits)
  const aged = Object.entries(input.writtenAt)
    .filter(([key]) => !mask.includes(key))
    .flatMap(([, at]) => (days === null ? [] : new Date(at.getTime() + days * dayMs)))
  return [
    ...(quiet === null ? [] : [quiet]),
    ...(approval === null ? [] : [approvalEnd(approval)]),
    ...aged,
  ]
}

function quietOf({ limits, row }: GateInput): { hours: LocalQuiet[]; ids: string[] } {
  const quiet = limits.flatMap(({ id, quietHours }) => (quietHours ? [{ id, quietHours }] : []))
  const hours = quiet.map(({ quietHours }) => localQuiet(quietHours, row.traits))
  const unknown = hours.find(({ timezone }) => !isTimezone(timezone))
  if (unknown) throw fail('internal', { where: 'the time zone of a limit' })
  return { hours, ids: quiet.map(({ id }) => id) }
}
