import type { LawfulBasis } from '../../model/consent.ts'
import { covers } from '../../model/purpose.ts'
import type { MemberConsent } from './input.ts'

export interface ConsentQuestion {
  readonly purpose: string
  readonly channel: string
  readonly now: Date
  readonly mergedAt: Date | null
  /** Bases on which a grant may rest. */
  readonly bases: readonly LawfulBasis[]
}

export type Standing =
  | { readonly stands: true; readonly grant: MemberConsent }
  | { readonly stands: false; readonly reason: Refusal; readonly evidence: readonly string[] }

export type Refusal =
  | 'no_consent'
  | 'consent_withdrawn'
  | 'consent_denied'
  | 'consent_expired'
  | 'consent_pending'
  | 'consent_notice_outdated'

/**
 * Whether the person consents to a purpose on a channel. Given are the latest entries per member profile,
 * purpose and channel, and a guardian's grant, if there is one that no refusal ended, beside the person's own.
 *
 * 1. An entry speaks to the question when it is for the purpose or an ancestor of it, and for the channel
 *    or `*`. Nothing said about a child or about another channel matters.
 * 2. Of these, a refusal is a denial, a withdrawal, or a grant that has expired: a person who limited a
 *    grant in time has not granted for longer. A denial or withdrawal counts even if dated in the future.
 * 3. A grant is valid when it is not dated in the future, not expired, on an accepted basis, and was given for a
 *    notice that is still accepted, if for one. One given for an older notice grants nothing; it refuses nothing
 *    either, since the person never said no.
 * 4. A valid grant stands up to a refusal when it is newer (not as old) and says something at least as
 *    exact: its purpose is that of the refusal or below, its channel that of the refusal or narrower than
 *    `*`. So "all marketing" granted later does not undo "no promotions by email"; a newer grant for
 *    promotions by email does.
 * 5. Across merged profiles, a grant of one stands up to a refusal of another only if it was given after
 *    the merge, that is by the person known to be one.
 * 6. There is consent when some valid grant stands up to every refusal.
 * 7. A grant that was asked for and not confirmed neither grants nor refuses: what stood before it stands. Were it
 *    otherwise, whoever types a stranger's address into a form could take their consent away.
 *
 * Merging profiles is the union of their entries, so it does not depend on order, and since 6 asks of
 * every refusal, more entries of refusal never turn a no into a yes.
 */
export function consentStanding(
  consents: readonly MemberConsent[],
  question: ConsentQuestion,
): Standing {
  const said = consents.filter((each) => speaksTo(each, question))
  const refusals = said.filter((each) => isRefusal(each, question.now))
  const grants = said.filter((each) => isValidGrant(each, question))
  const grant = grants.find((each) =>
    refusals.every((refusal) => standsUpTo(each, refusal, question.mergedAt)),
  )
  if (grant !== undefined) return { stands: true, grant }
  const reason = reasonOf(refusals)
  if (reason !== null) return { stands: false, reason, evidence: refusals.map(({ id }) => id) }
  return lacking(said, question.now)
}

/** Nobody said no; what there is of a yes tells what is missing. */
function lacking(said: readonly MemberConsent[], now: Date): Standing {
  const pending = said.filter((each) => each.decision === 'pending' && !isExpired(each, now))
  const outdated = said.filter(
    (each) => each.decision === 'granted' && each.isOutdated && !isExpired(each, now),
  )
  const [reason, found]: [Refusal, readonly MemberConsent[]] =
    pending.length > 0
      ? ['consent_pending', pending]
      : [outdated.length > 0 ? 'consent_notice_outdated' : 'no_consent', outdated]
  return { stands: false, reason, evidence: found.map(({ id }) => id) }
}

/** The explicit refusals that no grant stands up to, for purposes that need no grant: null when none. */
export function explicitRefusal(
  consents: readonly MemberConsent[],
  question: ConsentQuestion,
): Standing | null {
  const explicit = consents.filter((each) => speaksTo(each, question) && isSpokenRefusal(each))
  if (explicit.length === 0) return null
  const standing = consentStanding(consents, question)
  return standing.stands ? null : standing
}

const speaksTo = (consent: MemberConsent, { purpose, channel }: ConsentQuestion): boolean =>
  covers(consent.purpose, purpose) && (consent.channel === channel || consent.channel === '*')

const isExpired = ({ expiresAt }: MemberConsent, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now

const isSpokenRefusal = ({ decision }: MemberConsent): boolean =>
  decision === 'denied' || decision === 'withdrawn'

const isRefusal = (consent: MemberConsent, now: Date): boolean =>
  isSpokenRefusal(consent) || (consent.decision === 'granted' && isExpired(consent, now))

const isValidGrant = (consent: MemberConsent, { now, bases }: ConsentQuestion): boolean =>
  consent.decision === 'granted' &&
  consent.collectedAt <= now &&
  !isExpired(consent, now) &&
  !consent.isOutdated &&
  bases.includes(consent.basis)

function standsUpTo(grant: MemberConsent, refusal: MemberConsent, mergedAt: Date | null): boolean {
  const newer = grant.collectedAt > refusal.collectedAt
  const asExact =
    covers(refusal.purpose, grant.purpose) &&
    (refusal.channel === '*' || refusal.channel === grant.channel)
  const samePerson =
    grant.profileId === refusal.profileId || (mergedAt !== null && grant.collectedAt > mergedAt)
  return newer && asExact && samePerson
}

/** What the person said outweighs what time did; among equals the newest word. Null where nothing refuses. */
function reasonOf(refusals: readonly MemberConsent[]): Refusal | null {
  const spoken = refusals.filter(isSpokenRefusal)
  const newest = spoken.reduce<MemberConsent | undefined>(
    (best, each) => (best === undefined || each.collectedAt > best.collectedAt ? each : best),
    undefined,
  )
  if (newest !== undefined) {
    return newest.decision === 'denied' ? 'consent_denied' : 'consent_withdrawn'
  }
  return refusals.length > 0 ? 'consent_expired' : null
}
