import { ageAtLeast, isGuardians } from '../../../model/age.ts'
import { definitionFor, needsConfirmation } from '../../../../policies/guard.ts'
import type { PurposeDefinition } from '../../../../policies/guard.ts'
import { protectionOf, type Protection } from '../../../../policies/minor.ts'
import { allowsUntilRefused, regimeOf } from '../../../../policies/regime.ts'
import { consentStanding, explicitRefusal } from '../consent.ts'
import type { ConsentQuestion, Standing } from '../consent.ts'
import { pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { GateInput, MemberConsent } from '../input.ts'

/**
 * Art. 6: a purpose that needs a grant has one that stands, or is under a law that asks for less. Another rests on
 * the basis of its definition; even so the person's explicit no is heard, except where the law itself demands the
 * act.
 */
export function checkLawfulBasis(input: GateInput): Finding {
  const definition = definitionFor(input.request.purpose, input.purposes)
  if (definition === undefined) return refuse('purpose_unknown')
  const consents = membersOf(input)
  const question = { ...questionOf(input), bases: definition.bases }
  if (definition.needsGrant) {
    const standing = standingUnder(input, definition, question)
    return maySilenceDo(input, definition, standing)
      ? pass('not_opted_out', [`regime:${regimeOf(input.subject.jurisdiction).key}`])
      : findingOf(standing)
  }
  const basis = definition.bases.find((each) => each !== 'consent')
  if (basis === undefined) return refuse('no_consent')
  if (definition.bases.includes('legal_obligation')) return pass('legal_obligation')
  const refusal = explicitRefusal(consents, question)
  return refusal === null ? pass(basis) : findingOf(refusal)
}

/**
 * What a child granted for a time of their own takes nothing from a guardian's grant when it has run out: it was not
 * what the act rested on.
 */
function standingUnder(
  input: GateInput,
  definition: PurposeDefinition,
  question: ConsentQuestion,
): Standing {
  const consents = membersOf(input)
  const standing = consentStanding(consents, question)
  if (standing.stands || standing.reason !== 'consent_expired') return standing
  if (protectionFor(input, definition) !== 'guardian_grant') return standing
  const ofGuardian = consentStanding(consents.filter(isHeardForChild), question)
  return ofGuardian.stands ? ofGuardian : standing
}

/** Of grants only a guardian's; of refusals each. */
export const isHeardForChild = ({ decision, method }: MemberConsent): boolean =>
  decision !== 'granted' || isGuardians(method)

/** What the law of the person's place asks for at their age. */
export const protectionFor = (
  { request, subject, now }: GateInput,
  definition: PurposeDefinition,
): Protection =>
  protectionOf(
    regimeOf(subject.jurisdiction),
    request.purpose,
    definition,
    ageAtLeast(subject.minorBand, now),
  )

/** Nothing the person said stands in the way, though nothing of it is a grant. */
const silent: ReadonlySet<string> = new Set([
  'no_consent',
  'consent_expired',
  'consent_notice_outdated',
])

/**
 * Where a law asks for an opt-out, silence does, for whoever is old enough there. Not so where the workspace wants grants confirmed:
 * then only a confirmed one shows that the address is theirs.
 */
function maySilenceDo(
  input: GateInput,
  definition: PurposeDefinition,
  standing: Standing,
): boolean {
  const { purpose, channel } = input.request
  const regime = regimeOf(input.subject.jurisdiction)
  return (
    !standing.stands &&
    silent.has(standing.reason) &&
    protectionFor(input, definition) === 'none' &&
    !needsConfirmation(definition, channel) &&
    allowsUntilRefused(regime, purpose, channel)
  )
}

const findingOf = (standing: Standing): Finding =>
  standing.stands
    ? pass('consent', [standing.grant.id])
    : refuse(standing.reason, standing.evidence)

/** A grant of somebody else's is never lent to this person. */
export const membersOf = ({ consents, subject }: GateInput): MemberConsent[] =>
  consents.filter(({ profileId }) => subject.profileIds.includes(profileId))

export const questionOf = ({
  request,
  subject,
  now,
}: GateInput): Omit<ConsentQuestion, 'bases'> => ({
  purpose: request.purpose,
  channel: request.channel,
  now,
  mergedAt: subject.mergedAt,
})

/** The grant that an allowed activation rests on, whose end is the decision's end. */
export function grantOf(input: GateInput): MemberConsent | null {
  const definition = definitionFor(input.request.purpose, input.purposes)
  if (definition === undefined || !definition.needsGrant) return null
  const question = { ...questionOf(input), bases: definition.bases }
  const standing = standingUnder(input, definition, question)
  return standing.stands ? standing.grant : null
}
