import type { TraitDefinition } from '../../../model/trait.ts'
import { isVaulted, ruleClass } from '../../../model/trait.ts'
import { isCompatible } from '../../../../policies/plan.ts'
import { pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { GateInput } from '../input.ts'
import { staleFields } from './limit.ts'
import { rowOf } from './policy.ts'
import { traitEvidence } from './request.ts'

/** Art. 5(1)(b): every field was collected for a purpose that covers this one. */
export function checkPurposeCompatibility(input: GateInput): Finding {
  const strangers = fieldsOf(input).filter(
    ({ purposes }) => !isCompatible(purposes, input.request.purpose),
  )
  if (strangers.length === 0) return pass()
  return refuse(
    'purpose_incompatible',
    strangers.map(({ key }) => traitEvidence(key)),
  )
}

/**
 * Art. 5(1)(c): what the policy does not let out is left out of the message, an obligation on the
 * channel; a message that makes no sense without it is refused. Content that carries a sealed trait under its own
 * name has gone round that, and is refused.
 */
export function checkMinimisation(input: GateInput): Finding {
  const { request, traits, policy } = input
  if (policy === null) return refuse('no_active_policy')
  const smuggled = traits.filter(
    ({ key, dataClass }) =>
      isVaulted(dataClass) && request.contentKeys.includes(key) && !request.fields.includes(key),
  )
  if (smuggled.length > 0) {
    return refuse(
      'content_undeclared',
      smuggled.map(({ key }) => traitEvidence(key)),
    )
  }
  const masked = maskOf(input)
  const missed = request.requires.filter(
    (key) => masked.includes(key) || !request.fields.includes(key),
  )
  if (missed.length > 0) return refuse('required_field_masked', missed.map(traitEvidence))
  return masked.length === 0 ? pass() : pass('masked', masked.map(traitEvidence))
}

/**
 * Fields that the policy does not permit to be sent for the purpose, or whose value is older than its limits
 * permit; without a policy, all of them.
 */
export function maskOf(input: GateInput): string[] {
  const { policy, request } = input
  if (policy === null) return [...request.fields]
  const row = rowOf(input)
  const known = new Map(fieldsOf(input).map((each) => [each.key, each]))
  const stale = new Set(staleFields(input))
  return request.fields.filter((key) => {
    if (stale.has(key)) return true
    const definition = known.get(key)
    if (definition === undefined) return true
    const field = { kind: 'trait', key, dataClass: ruleClass(definition) } as const
    return !policy.ability.field('send', request.purpose, field, row).allowed
  })
}

const fieldsOf = ({ request, traits }: GateInput): TraitDefinition[] =>
  traits.filter(({ key }) => request.fields.includes(key))
