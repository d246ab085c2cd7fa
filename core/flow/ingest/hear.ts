import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { bumpLegalStates } from '../../../blackboard/query/bumpLegalStates.ts'
import { insertConsents } from '../../../blackboard/query/insertConsents.ts'
import { loadWords } from '../../../blackboard/query/loadWords.ts'
import { markOptedOut } from '../../../blackboard/query/markOptedOut.ts'
import { recallRefused } from '../../../blackboard/query/recallRefused.ts'
import type { Board } from '../../board.ts'
import { optOutPurpose } from '../../consent/mapping.ts'
import { isRefusal, type ConsentStatement } from '../../consent/reading.ts'
import { enqueueForActs, type Act } from '../followUp/enqueue.ts'
import type { Resolution } from '../resolve.ts'
import { consentChange, consentHappening, type ChangeRow, type Happening } from '../notice.ts'
import type { Arrival } from './arrival.ts'
import { isNews, type Word } from './news.ts'

/** A word that goes into the ledger. */
interface Entry {
  id: string
  profileId: string
  sourceId: string
  eventId: string
  said: ConsentStatement
  at: Date
  latest: boolean
}

/** What a batch of events says about consent that nobody had said before. */
export interface Heard {
  entries: Entry[]
  /** Persons who sent Global Privacy Control for the first time, and the event that did. */
  optedOut: Map<string, Arrival>
  /** The profiles of each person, the canonical one included. */
  members: Map<string, string[]>
}

export const nothingHeard: Heard = { entries: [], optedOut: new Map(), members: new Map() }

/**
 * Compares what the events say with what stands. The caller holds the canonical profiles locked, by which
 * everybody who writes consent or merges is kept out until the transaction ends.
 */
export async function hear(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  arrivals: readonly Arrival[],
  resolution: Resolution,
): Promise<Heard> {
  const speaking = arrivals.flatMap((arrival, at) => {
    const subject = resolution.subjects[at] ?? ''
    const { reading } = arrival
    return reading && (reading.gpc || reading.statements.length > 0)
      ? [{ arrival, subject, reading }]
      : []
  })
  if (speaking.length === 0) return nothingHeard
  const now = board.clock.now()
  const persons = await load(tx, workspaceId, new Set(speaking.map((each) => each.subject)), {
    resolution,
    now,
  })
  const heard: Heard = {
    entries: [],
    optedOut: new Map(),
    members: new Map([...persons].map(([id, { members }]) => [id, members])),
  }
  for (const { arrival, subject, reading } of speaking) {
    const person = persons.get(subject)
    if (!person) continue
    if (reading.gpc && !person.gpc) {
      person.gpc = true
      heard.optedOut.set(subject, arrival)
    }
    for (const said of reading.statements)
      listen(heard, board, { arrival, subject, person, said, now })
  }
  return heard
}

interface Person {
  members: string[]
  mergedAt: Date | null
  gpc: boolean
  words: Word[]
}

async function load(
  tx: TransactionSql,
  workspaceId: number,
  subjects: ReadonlySet<string>,
  { resolution: { merges, profiles }, now }: { resolution: Resolution; now: Date },
): Promise<Map<string, Person>> {
  const winnerOf = new Map(merges.map(({ loser, winner }) => [loser, winner]))
  const created = new Set(profiles.map(({ id }) => id))
  const losers = merges.filter(({ winner }) => subjects.has(winner)).map(({ loser }) => loser)
  const persons = new Map<string, Person>()
  for (const subject of subjects) {
    const isMerging = losers.some((loser) => winnerOf.get(loser) === subject)
    // Here everybody is whole again only when this commits.
    const mergedAt = isMerging ? now : null
    persons.set(subject, { members: [subject], mergedAt, gpc: false, words: [] })
  }
  const ids = [...subjects, ...losers].filter((id) => !created.has(id))
  const rows = ids.length > 0 ? await loadWords(tx, { workspaceId, ids }) : []
  for (const { profileId, canonical, mergedAt, gpc, words } of rows) {
    const person = persons.get(winnerOf.get(canonical) ?? canonical)
    if (!person) continue
    if (!person.members.includes(profileId)) person.members.push(profileId)
    person.gpc ||= gpc
    if (mergedAt && (person.mergedAt === null || mergedAt > person.mergedAt)) {
      person.mergedAt = mergedAt
    }
    for (const word of words) {
      const collectedAt = new Date(word.collectedAt)
      const expiresAt = word.expiresAt === null ? null : new Date(word.expiresAt)
      person.words.push({ ...word, profileId, collectedAt, expiresAt })
    }
  }
  return persons
}

interface Utterance {
  arrival: Arrival
  subject: string
  person: Person
  said: ConsentStatement
  now: Date
}

/** Takes one statement up when it is news, so that the next is compared with it. */
function listen(
  heard: Heard,
  board: Board,
  { arrival, subject, person, said, now }: Utterance,
): void {
  const { event, sourceId, id: eventId } = arrival
  const isLive = event.originalTimestamp === null && said.saidAt === null
  const told = said.saidAt && said.saidAt < event.timestamp ? said.saidAt : event.timestamp
  // A word cannot be from the future; and what was said just now is said by our clock.
  const at = isLive || told > now ? now : told
  const actor = `source:${sourceId}`
  const { mergedAt, words } = person
  const hearing = { canonical: subject, mergedAt, now, actor, isLive }
  if (!isNews({ ...said, at }, words, hearing)) return
  const { purpose, channel, decision, expiresAt, proof } = said
  const id = board.clock.id()
  const latest = isRefusal(said) && isLive
  heard.entries.push({ id, profileId: subject, sourceId, eventId, said, at, latest })
  const others = words.filter(
    (word) => word.profileId !== subject || word.purpose !== purpose || word.channel !== channel,
  )
  const word: Word = {
    profileId: subject,
    purpose,
    channel,
    decision,
    expiresAt,
    actor,
    basis: 'consent',
    method: proof.method ?? null,
    collectedAt: at,
  }
  person.words = [...others, word]
}

export const changesOf = ({ entries }: Heard, { clock }: Board): ChangeRow[] =>
  entries.map(({ id, profileId, sourceId, said }) =>
    consentChange(
      { ...said, id, profileId },
      clock.id(),
      { kind: 'source', id: sourceId },
      clock.now(),
    ),
  )

export const happeningsOf = ({ entries }: Heard): Happening[] =>
  entries.map(({ id, profileId, said }) => consentHappening({ ...said, id, profileId }))

/**
 * Writes what was heard, as `recordConsent` does: the legal state first, so that who dispatches on it ends
 * before; what waits for what is now refused is recalled. Returns why, for each activation recalled.
 */
export async function keepHeard(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  heard: Heard,
): Promise<string[]> {
  const { entries, optedOut, members } = heard
  if (entries.length === 0 && optedOut.size === 0) return []
  const at = board.clock.now().toISOString()
  const persons = new Set([...entries.map(({ profileId }) => profileId), ...optedOut.keys()])
  const ids = [...persons].flatMap((id) => members.get(id) ?? []).toSorted()
  const pending: Promise<unknown>[] = [
    bumpLegalStates(tx, { workspaceId, ids: JSON.stringify([...new Set(ids)]), at }),
  ]
  if (optedOut.size > 0) pending.push(markOptedOut(tx, { workspaceId, ids: [...optedOut.keys()] }))
  if (entries.length > 0) {
    const words = JSON.stringify(entries.map(rowOf))
    pending.push(insertConsents(tx, { workspaceId, words, receivedAt: at }))
  }
  const refusals = refusalsOf(heard)
  const recalling =
    refusals.length > 0
      ? recallRefused(tx, { workspaceId, refusals: JSON.stringify(refusals), at })
      : Promise.resolve([])
  pending.push(recalling)
  await Promise.all(pending)
  const recalled = Map.groupBy(await recalling, ({ nth }) => nth)
  const idsOf = (nth: number): string[] => (recalled.get(nth) ?? []).map(({ id }) => id)
  const audited = [
    ...entries.map((entry, nth) => auditOf(entry, idsOf(nth))),
    ...[...optedOut].map(([profileId, { sourceId, id }], nth) => ({
      actor: `source:${sourceId}`,
      action: 'consent.gpc',
      object: `profile:${profileId}`,
      payload: { event: id, recalled: idsOf(entries.length + nth) },
    })),
  ].map((entry) => ({ ...entry, at, id: board.clock.id() }))
  await appendAudit(tx, { workspaceId, entries: JSON.stringify(audited) })
  await enqueueForActs(tx, board, workspaceId, optOutsOf(refusals), new Date(at))
  return [...recalled.values()].flat().map(({ reason }) => reason)
}

const rowOf = (
  {
    id,
    profileId,
    sourceId,
    at,
    latest,
    said: { purpose, channel, decision, proof, expiresAt },
  }: Entry,
  nth: number,
): object => ({
  id,
  profileId,
  purpose,
  channel,
  decision,
  proof,
  latest,
  nth,
  expiresAt,
  collectedAt: at,
  actor: `source:${sourceId}`,
})

interface Refusal {
  profileId: string
  purpose: string
  channel: string
  reason: string
  nth: number
}

/** By profile, since what waits is kept by the profile that it was proposed for. */
function refusalsOf({ entries, optedOut, members }: Heard): Refusal[] {
  const spoken = entries.map(({ profileId, said: { purpose, channel, decision } }) => ({
    profileId,
    purpose,
    channel,
    reason: decision === 'granted' ? null : `consent_${decision}`,
  }))
  const controlled = [...optedOut.keys()].map((profileId) => ({
    profileId,
    purpose: optOutPurpose,
    channel: '*',
    reason: 'gpc_opt_out',
  }))
  return [...spoken, ...controlled].flatMap(({ reason, ...refusal }, nth) =>
    reason === null
      ? []
      : (members.get(refusal.profileId) ?? []).map((profileId) => ({
          ...refusal,
          reason,
          profileId,
          nth,
        })),
  )
}

/** What must follow to those who were sent something on what is refused now. */
const optOutsOf = (refusals: readonly Refusal[]): Act[] =>
  [...Map.groupBy(refusals, ({ nth }) => nth).values()].flatMap((all) =>
    all.slice(0, 1).map(({ purpose, channel, reason }) => ({
      kind: 'opt_out' as const,
      profileIds: all.map(({ profileId }) => profileId),
      purpose,
      channel,
      reason,
    })),
  )

const auditOf = ({ id, profileId, sourceId, eventId, said }: Entry, recalled: string[]) => ({
  actor: `source:${sourceId}`,
  action: `consent.${said.decision}`,
  object: `profile:${profileId}`,
  payload: {
    consent: id,
    purpose: said.purpose,
    channel: said.channel,
    basis: 'consent',
    event: eventId,
    recalled,
  },
})
