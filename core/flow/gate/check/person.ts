import { covers } from '../../../model/purpose.ts'
import { ruleClass } from '../../../model/trait.ts'
import {
  definitionFor,
  refusesErased,
  refusesGpc,
  refusesObjected,
  refusesRestricted,
} from '../../../../policies/guard.ts'
import type { PurposeDefinition } from '../../../../policies/guard.ts'
import { regimeOf } from '../../../../policies/regime.ts'
import { consentStanding } from '../consent.ts'
import { hold, pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { GateInput } from '../input.ts'
import { isHeardForChild, membersOf, protectionFor, questionOf } from './basis.ts'
import { traitEvidence } from './request.ts'

/** There is a person, who has not been erased. */
export function checkSubject({ subject }: GateInput): Finding {
  if (subject.profileIds.length === 0) return refuse('subject_unknown')
  const reason = refusesErased(subject)
  return reason === null ? pass() : refuse(reason)
}

/** Art. 18 and legal hold; then holds that agents asked for, which wait instead of refusing. */
export function checkRestriction({ request, subject, purposes }: GateInput): Finding {
  const definition = definitionFor(request.purpose, purposes)
  if (definition === undefined) return refuse('purpose_unknown')
  const reason = refusesRestricted(subject, definition)
  if (reason !== null) return refuse(reason)
  const held = subject.holds.filter(
    ({ purpose }) => purpose === '*' || covers(purpose, request.purpose),
  )
  const [first] = held
  if (first === undefined) return pass()
  return hold(
    first.reason,
    held.map(({ agent }) => `agent:${agent}`),
  )
}

/** Unknown is no obstacle here: every other check then assumes the strictest law. */
export function checkJurisdiction({ subject: { jurisdiction } }: GateInput): Finding {
  const { key } = regimeOf(jurisdiction)
  const evidence = [
    ...(jurisdiction === null ? [] : [`jurisdiction:${jurisdiction}`]),
    `regime:${key}`,
  ]
  return pass(key === 'strictest' ? 'strictest_assumed' : 'ok', evidence)
}

/** Minors, and Art. 9: special data needs a grant of consent for exactly this purpose. */
export function checkSpecialCategory(input: GateInput): Finding {
  const { request, purposes, traits } = input
  const definition = definitionFor(request.purpose, purposes)
  if (definition === undefined) return refuse('purpose_unknown')
  const young = refusalOfMinor(input, definition)
  if (young !== null) return young
  const special = traits
    .filter((trait) => ruleClass(trait) === 'special' && request.fields.includes(trait.key))
    .map(({ key }) => traitEvidence(key))
  if (special.length === 0) return pass()
  // The wider entries stay in: a withdrawal among them must be heard. Only the grants must be exact.
  const explicit = membersOf(input).filter(
    ({ decision, purpose }) => decision !== 'granted' || purpose === request.purpose,
  )
  const standing = consentStanding(explicit, { ...questionOf(input), bases: ['consent'] })
  return standing.stands
    ? pass('explicit_consent', [standing.grant.id, ...special])
    : refuse('special_needs_explicit_consent', special)
}

/**
 * Art. 8, and what other laws ask for the young: a grant of their own, or one of a guardian that was verified. A
 * guardian's serves for a teen too, so that nobody may lose by growing older.
 */
function refusalOfMinor(input: GateInput, definition: PurposeDefinition): Finding | null {
  const regime = regimeOf(input.subject.jurisdiction)
  const protection = protectionFor(input, definition)
  if (protection === 'none') return null
  const evidence = [`regime:${regime.key}`, `protection:${protection}`]
  if (protection === 'never') return refuse('minor', evidence)
  const all = membersOf(input)
  const heard = protection === 'own_grant' ? all : all.filter(isHeardForChild)
  const standing = consentStanding(heard, { ...questionOf(input), bases: ['consent'] })
  if (standing.stands) return null
  return refuse(protection === 'own_grant' ? 'minor_needs_opt_in' : 'minor', evidence)
}

/** Art. 21 and Global Privacy Control: no basis outweighs them. */
export function checkObjection({ request, subject }: GateInput): Finding {
  const reason =
    refusesObjected(subject, request.purpose) ??
    refusesGpc(subject, regimeOf(subject.jurisdiction), request.purpose, request.channel)
  return reason === null ? pass() : refuse(reason)
}
