import type { TransactionSql } from 'postgres'
import { listLedger } from '../../../blackboard/query/listLedger.ts'
import { loadWords } from '../../../blackboard/query/loadWords.ts'
import { endOfGrant } from '../../../policies/guard.ts'
import { regimeOf } from '../../../policies/regime.ts'
import type { Board } from '../../board.ts'
import { isRefusal, type ConsentStatement } from '../../consent/reading.ts'
import type { Resolution } from '../resolve.ts'
import { placeOfContext } from '../../model/jurisdiction.ts'
import type { Arrival } from './arrival.ts'
import { isLate, isNews, isOlder, isRepeated, wordsAfter, type Word } from './news.ts'

/** A word that goes into the ledger. */
export interface Entry {
  id: string
  profileId: string
  sourceId: string
  eventId: string
  said: ConsentStatement
  at: Date
  latest: boolean
  /** Than the person's own word, which goes on standing. */
  older: boolean
  jurisdiction: string | null
}

/** What a batch of events says about consent that nobody had said before. */
export interface Heard {
  /** Words that change what stands. */
  entries: Entry[]
  /** Words that came too late for that: the ledger alone keeps them. */
  late: Entry[]
  /** Grants that were asked for and not confirmed. */
  asked: Entry[]
  /** Where events about consent say that persons are of whom nobody knew. */
  places: Map<string, string>
  /** Persons who sent Global Privacy Control for the first time, and the event that did. */
  optedOut: Map<string, Arrival>
  /** Those of them whose law binds to it. */
  bound: Set<string>
  /** The profiles of each person, the canonical one included. */
  members: Map<string, string[]>
}

const nothingHeard = (): Heard => ({
  entries: [],
  late: [],
  asked: [],
  places: new Map(),
  optedOut: new Map(),
  bound: new Set(),
  members: new Map(),
})

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
  if (speaking.length === 0) return nothingHeard()
  const now = board.clock.now()
  const persons = await load(tx, workspaceId, new Set(speaking.map((each) => each.subject)), {
    resolution,
    now,
  })
  const heard: Heard = {
    ...nothingHeard(),
    members: new Map([...persons].map(([id, { members }]) => [id, members])),
  }
  for (const { arrival, subject, reading } of speaking) {
    const person = persons.get(subject)
    if (!person) continue
    settle(heard, { arrival, subject, person })
    if (reading.gpc && !person.gpc) {
      person.gpc = true
      heard.optedOut.set(subject, arrival)
      if (regimeOf(placeOf(person)).gpcBinds) heard.bound.add(subject)
    }
    for (const said of reading.statements)
      listen(heard, board, { arrival, subject, person, said, now })
  }
  return { ...heard, late: await withoutRepeats(tx, workspaceId, heard.late) }
}

/** A late word of a client that keeps repeating itself is worth one line in the ledger. */
async function withoutRepeats(
  tx: TransactionSql,
  workspaceId: number,
  late: readonly Entry[],
): Promise<Entry[]> {
  if (late.length === 0) return []
  const ids = [...new Set(late.map(({ profileId }) => profileId))]
  const ledger = await listLedger(tx, { workspaceId, ids })
  return late.filter(({ profileId, sourceId, said, at }) => {
    const { purpose, channel, decision, proof, isAct } = said
    const method = proof.method ?? null
    const line = { profileId, purpose, channel, decision, method, actor: `source:${sourceId}` }
    if (!isAct && isRepeated({ ...line, collectedAt: at }, ledger)) return false
    ledger.push({ ...line, collectedAt: at })
    return true
  })
}

/** None where the person's profiles were placed apart. */
function placeOf({ places }: Person): string | null {
  const [only] = places
  return places.size === 1 && only !== undefined ? only : null
}

/** An event that speaks of consent and says where it happened places a person of whom nobody knew. */
function settle(
  heard: Heard,
  { arrival, subject, person }: Pick<Utterance, 'arrival' | 'subject' | 'person'>,
): void {
  const place = person.places.size === 0 ? placeOfContext(arrival.event.context) : undefined
  if (place === undefined) return
  person.places.add(place)
  heard.places.set(subject, place)
}

interface Person {
  members: string[]
  mergedAt: Date | null
  gpc: boolean
  /** Every jurisdiction that a profile of theirs was placed in. */
  places: Set<string>
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
    persons.set(subject, { members: [subject], mergedAt, gpc: false, places: new Set(), words: [] })
  }
  const ids = [...subjects, ...losers].filter((id) => !created.has(id))
  const rows = ids.length > 0 ? await loadWords(tx, { workspaceId, ids }) : []
  for (const { profileId, canonical, mergedAt, gpc, jurisdiction, words } of rows) {
    const person = persons.get(winnerOf.get(canonical) ?? canonical)
    if (!person) continue
    if (!person.members.includes(profileId)) person.members.push(profileId)
    person.gpc ||= gpc
    if (jurisdiction !== null) person.places.add(jurisdiction)
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
  const { purpose, channel, decision, proof } = said
  const expiresAt =
    decision === 'granted'
      ? endOfGrant(said, { collectedAt: at, expiresAt: said.expiresAt })
      : said.expiresAt
  const entry: Entry = {
    id: board.clock.id(),
    profileId: subject,
    sourceId,
    eventId,
    said: { ...said, expiresAt },
    at,
    latest: isRefusal(said) && isLive,
    older: false,
    jurisdiction: placeOfContext(event.context) ?? placeOf(person),
  }
  if (decision === 'pending') {
    heard.asked.push(entry)
    return
  }
  const hearing = { canonical: subject, mergedAt, now, actor, isLive }
  const statement = { ...said, decision, expiresAt, at }
  if (!isNews(statement, words, hearing)) {
    if (isLate(statement, words, hearing)) heard.late.push(entry)
    return
  }
  const older = isOlder(statement, words, hearing)
  heard.entries.push({ ...entry, older })
  const word: Word = {
    profileId: subject,
    purpose,
    channel,
    decision,
    expiresAt,
    actor,
    basis: 'consent',
    method: proof.method ?? null,
    noticeId: proof.noticeId ?? null,
    noticeVersion: proof.noticeVersion ?? null,
    collectedAt: at,
  }
  person.words = wordsAfter(words, word, older)
}
