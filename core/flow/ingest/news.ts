import type { LedgerRow } from '../../../blackboard/query/listLedger.ts'
import type { ConsentStatement } from '../../consent/reading.ts'
import { isGuardians } from '../../model/age.ts'
import type { ConsentDecision, LawfulBasis } from '../../model/consent.ts'
import { covers } from '../../model/purpose.ts'

/** What currently stands of one profile of a person for one purpose and channel. */
export interface Word {
  profileId: string
  purpose: string
  channel: string
  decision: ConsentDecision
  basis: LawfulBasis
  method: string | null
  noticeId: string | null
  noticeVersion: string | null
  actor: string | null
  collectedAt: Date
  expiresAt: Date | null
}

/** A word that decides something, and when it was said. */
export type Said = ConsentStatement & { decision: ConsentDecision; at: Date }

export interface Hearing {
  /** The profile that the words are written onto. */
  canonical: string
  mergedAt: Date | null
  now: Date
  actor: string
  /** The event has no time of its own: it was said just now, whatever the clocks of two nodes say. */
  isLive: boolean
}

/**
 * Whether what a message says differs from what stands, so that it belongs into the ledger.
 *
 * 1. A word that is older than what stands about the same changes nothing.
 * 2. A refusal is news unless it stands already and no overlapping grant is newer; and always where it ends a
 *    guardian's grant.
 * 3. A grant is news unless it stands already, beside every refusal of merged profiles, and would not last longer.
 *    A client that repeats itself without a time of its own makes nothing last longer; an act on another notice, or
 *    another version of it, is a new grant.
 * 4. A grant that a client only repeats (no act) does not stand up to a refusal, or to the end of a grant, that
 *    it did not say itself: a cookie may not bring back what the person took back in a preference centre.
 */
export function isNews(said: Said, words: readonly Word[], hearing: Hearing): boolean {
  const own = ownOf(said, words, hearing)
  return said.decision === 'granted'
    ? isNewGrant(said, own, words, hearing)
    : isNewRefusal(said, own, words, hearing)
}

const ownOf = (
  { purpose, channel }: Said,
  words: readonly Word[],
  { canonical }: Hearing,
): Word | undefined =>
  words.find((word) => isOwn(word, canonical) && isAbout(word, purpose, channel))

const isAbout = (word: Word, purpose: string, channel: string): boolean =>
  word.purpose === purpose && word.channel === channel

/** A guardian's grant is another's word: the person's own neither repeats it nor takes its place. */
const isOwn = (word: Word, canonical: string): boolean =>
  word.profileId === canonical && !isGuardianGrant(word)

/** Whether the person's own word was said after it: then a refusal ends a guardian's grant and no more. */
export function isOlder(said: Said, words: readonly Word[], hearing: Hearing): boolean {
  const own = ownOf(said, words, hearing)
  return own !== undefined && own.collectedAt > said.at && !hearing.isLive
}

/** The words that stand once this one is said: it takes the place of the own, and a refusal ends a guardian's too. */
export function wordsAfter(words: readonly Word[], said: Word, older: boolean): Word[] {
  const others = words.filter((word) => {
    if (word.profileId !== said.profileId || !isAbout(word, said.purpose, said.channel)) return true
    return isGuardianGrant(word) ? !endsGuardians(said, word) : older
  })
  return older ? others : [...others, said]
}

const isGuardianGrant = ({ decision, method }: Word): boolean =>
  decision === 'granted' && isGuardians(method)

const endsGuardians = ({ decision, collectedAt }: Word, grant: Word): boolean =>
  decision !== 'granted' && collectedAt >= grant.collectedAt

/**
 * Whether something that is no news was said before what stands, and otherwise: the ledger keeps it, for whoever asks
 * what a person said when. Who acted is heard even where they said the same.
 */
export function isLate(said: Said, words: readonly Word[], hearing: Hearing): boolean {
  const own = ownOf(said, words, hearing)
  if (!own || (hearing.isLive && said.decision !== 'granted') || own.collectedAt < said.at)
    return false
  return said.isAct || (own.decision === 'granted') !== (said.decision === 'granted')
}

/** Whether the line before or after, of the same client about the same, says the same. */
export function isRepeated(line: LedgerRow, ledger: readonly LedgerRow[]): boolean {
  const same = ledger.filter(
    ({ profileId, purpose, channel, actor, method }) =>
      profileId === line.profileId &&
      purpose === line.purpose &&
      channel === line.channel &&
      actor === line.actor &&
      method === line.method,
  )
  const before = same.filter(({ collectedAt }) => collectedAt <= line.collectedAt)
  const after = same.filter(({ collectedAt }) => collectedAt > line.collectedAt)
  const nearest = [
    before.toSorted((one, other) => +other.collectedAt - +one.collectedAt)[0],
    after.toSorted((one, other) => +one.collectedAt - +other.collectedAt)[0],
  ]
  return nearest.some((each) => each?.decision === line.decision)
}

function isNewRefusal(
  said: Said,
  own: Word | undefined,
  words: readonly Word[],
  { isLive, canonical }: Hearing,
): boolean {
  if (!own) return true
  const isEnding = words.some(
    (word) =>
      word.profileId === canonical &&
      isAbout(word, said.purpose, said.channel) &&
      isGuardianGrant(word) &&
      word.collectedAt <= said.at,
  )
  if (isEnding) return true
  if (own.collectedAt > said.at && !isLive) return false
  if (own.decision === 'granted') return true
  return words.some(
    (word) =>
      word.decision === 'granted' &&
      word.collectedAt > own.collectedAt &&
      covers(said.purpose, word.purpose) &&
      (said.channel === '*' || said.channel === word.channel),
  )
}

function isNewGrant(
  said: Said,
  own: Word | undefined,
  words: readonly Word[],
  hearing: Hearing,
): boolean {
  const { now, mergedAt } = hearing
  if (said.expiresAt && said.expiresAt <= now) return false
  if (own && own.collectedAt >= said.at) return false
  const refusals = words.filter(
    (word) =>
      (word.decision !== 'granted' || hasEnded(word, now)) &&
      covers(word.purpose, said.purpose) &&
      (word.channel === '*' || word.channel === said.channel),
  )
  const isBarred = refusals.some(
    (word) => hasEnded(word, now) || !isOfSame(word, said, hearing) || word.collectedAt >= said.at,
  )
  if (isBarred && !said.isAct) return false
  if (!own || own.decision !== 'granted' || hasEnded(own, now) || own.basis !== 'consent') {
    return true
  }
  const stands = refusals.every(
    ({ profileId, collectedAt }) =>
      collectedAt < own.collectedAt &&
      (profileId === own.profileId || mergedAt === null || own.collectedAt > mergedAt),
  )
  return !stands || lastsLonger(said, own, hearing) || isOnAnother(said, own)
}

const hasEnded = ({ decision, expiresAt }: Word, now: Date): boolean =>
  decision === 'granted' && expiresAt !== null && expiresAt <= now

const isOfSame = (word: Word, { proof }: ConsentStatement, { actor }: Hearing): boolean =>
  word.actor === actor && word.method === proof.method

const lastsLonger = (said: Said, own: Word, hearing: Hearing): boolean =>
  own.expiresAt !== null &&
  (said.expiresAt === null || said.expiresAt > own.expiresAt) &&
  (said.isAct || (said.saidAt !== null && isOfSame(own, said, hearing)))

const isOnAnother = ({ isAct, proof: { noticeId, noticeVersion } }: Said, own: Word): boolean =>
  isAct &&
  typeof noticeId === 'string' &&
  (noticeId !== own.noticeId || (noticeVersion ?? null) !== own.noticeVersion)
