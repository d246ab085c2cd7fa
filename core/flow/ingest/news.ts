import type { ConsentStatement } from '../../consent/reading.ts'
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
  actor: string | null
  collectedAt: Date
  expiresAt: Date | null
}

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
 * 2. A refusal is news unless it stands already and no overlapping grant is newer.
 * 3. A grant is news unless it stands already, beside every refusal of merged profiles, and would not last longer.
 * 4. A grant that a client only repeats (no act) does not stand up to a refusal, or to the end of a grant, that
 *    it did not say itself: a cookie may not bring back what the person took back in a preference centre.
 */
export function isNews(
  said: ConsentStatement & { at: Date },
  words: readonly Word[],
  hearing: Hearing,
): boolean {
  const own = words.find(
    ({ profileId, purpose, channel }) =>
      profileId === hearing.canonical && purpose === said.purpose && channel === said.channel,
  )
  return said.decision === 'granted'
    ? isNewGrant(said, own, words, hearing)
    : isNewRefusal(said, own, words, hearing)
}

function isNewRefusal(
  said: ConsentStatement & { at: Date },
  own: Word | undefined,
  words: readonly Word[],
  { isLive }: Hearing,
): boolean {
  if (!own) return true
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
  said: ConsentStatement & { at: Date },
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
  return !stands || lastsLonger(said, own, hearing)
}

const hasEnded = ({ decision, expiresAt }: Word, now: Date): boolean =>
  decision === 'granted' && expiresAt !== null && expiresAt <= now

const isOfSame = (word: Word, { proof }: ConsentStatement, { actor }: Hearing): boolean =>
  word.actor === actor && word.method === proof.method

const lastsLonger = (said: ConsentStatement, own: Word, hearing: Hearing): boolean =>
  own.expiresAt !== null &&
  (said.expiresAt === null || said.expiresAt > own.expiresAt) &&
  (said.isAct || isOfSame(own, said, hearing))
