import type { TransactionSql } from 'postgres'
import { attachIdentifiers } from '../../../blackboard/query/attachIdentifiers.ts'
import { claimMessages } from '../../../blackboard/query/claimMessages.ts'
import { countTombstones } from '../../../blackboard/query/countTombstones.ts'
import { createProfiles } from '../../../blackboard/query/createProfiles.ts'
import { findIdentifiers } from '../../../blackboard/query/findIdentifiers.ts'
import { listSentSides } from '../../../blackboard/query/listSentSides.ts'
import { keepEdges } from '../../../blackboard/query/keepEdges.ts'
import { lockProfiles } from '../../../blackboard/query/lockProfiles.ts'
import { mergeProfiles } from '../../../blackboard/query/mergeProfiles.ts'
import { placePersons } from '../../../blackboard/query/placePersons.ts'
import { releaseMessages } from '../../../blackboard/query/releaseMessages.ts'
import { storeChanges } from '../../../blackboard/query/storeChanges.ts'
import { storeEvents } from '../../../blackboard/query/storeEvents.ts'
import { storeKeys } from '../../../blackboard/query/storeKeys.ts'
import { storeSecrets } from '../../../blackboard/query/storeSecrets.ts'
import { updateTraits } from '../../../blackboard/query/updateTraits.ts'
import { wakeAgents } from '../../../blackboard/query/wakeAgents.ts'
import { fail } from '../../errors.ts'
import type { Board } from '../../board.ts'
import type { TraitState } from '../../model/trait.ts'
import type { Definitions } from '../classify.ts'
import type { Refused } from '../project.ts'
import { followMerges } from '../followUp/merged.ts'
import { flatEdge, resolve, type Resolution } from '../resolve.ts'
import { claimOf, type Arrival } from './arrival.ts'
import { resolveApart, type Locked } from './resolveApart.ts'
import { sift } from './sift.ts'
import { keepAges } from '../age.ts'
import { draft, touched, type Draft, type Touched } from './draft.ts'
import { hear, type Heard } from './hear.ts'
import { keepConflicts } from './keepConflicts.ts'
import { changesOf, happeningsOf, keepHeard } from './keepHeard.ts'
import { placesOf } from './places.ts'
import type { BatchKeys, Keyring } from './keyring.ts'

/** Where a batch is stored. */
export interface Destination {
  board: Board
  keyring: Keyring
  workspaceId: number
  definitions: Definitions
}

export interface Stored {
  /** Keys of the messages that were new; the rest had arrived before. */
  fresh: ReadonlySet<string>
  /** Ids of the arrivals of which nothing was kept, because their person was erased. */
  erased: ReadonlySet<string>
  subjects: readonly string[]
  /** Stated traits that were not written, by the id of the arrival. */
  refused: readonly Refused[]
  /** Why activations were recalled, one reason for each: what the events say about consent refuses them. */
  recalled: readonly string[]
  /** Follow-ups that a merge of this batch asks for. */
  followed: number
}

/**
 * Stores a batch in the caller's transaction: dedup, identities, traits, consent, change log and the agenda
 * commit together or not at all. Throws `write_conflict` when another batch attached an identifier or merged a
 * profile meanwhile; the whole transaction is then tried again.
 */
export async function store(
  tx: TransactionSql,
  { board, keyring, workspaceId, definitions }: Destination,
  arrivals: readonly Arrival[],
): Promise<Stored> {
  const [fresh, found] = await Promise.all([
    claimMessages(tx, {
      workspaceId,
      keys: arrivals.map(({ messageKey }) => messageKey),
      on: board.clock.now().toISOString().slice(0, 10),
    }),
    findIdentifiers(tx, { workspaceId, hashes: hashesOf(arrivals) }),
  ])
  const isFresh = new Set(fresh.map(({ key }) => key))
  const { known, erased, living, unkept } = sift(arrivals, found)
  const taken = unkept.filter((key) => isFresh.has(key))
  if (taken.length > 0) await releaseMessages(tx, { workspaceId, keys: taken })
  const kept = firstOfEach(living, isFresh)
  if (kept.length === 0)
    return { fresh: isFresh, erased, subjects: [], refused: [], recalled: [], followed: 0 }
  const first = resolve(kept.map(claimOf), known, () => board.clock.id())
  const keys = keyring.batch(workspaceId)
  for (const { home, wrapped } of known) keys.know(home, wrapped)
  const locked = await lock(tx, workspaceId, touched(kept, first), keys)
  const { states } = locked
  const resolution =
    locked.disowning.length === 0 ? first : await resolveApart(tx, board, workspaceId, kept, locked)
  const traces = new Map(kept.flatMap(({ id, trace }) => (trace ? [[id, trace] as const] : [])))
  const bench = { board, workspaceId, definitions, keys, traces, states }
  const drafted = draft(kept, resolution, bench)
  const heard = await hear(tx, board, workspaceId, kept, resolution)
  drafted.changes.push(...changesOf(heard, board))
  drafted.happenings.push(...happeningsOf(heard, traces))
  const places = placesOf(kept, resolution, drafted.changes, heard)
  const { recalled, followed } = await write(
    tx,
    { board, workspaceId },
    resolution,
    { drafted, heard, places },
    keys,
  )
  const { subjects, refused } = drafted
  return { fresh: isFresh, erased, subjects, refused, recalled, followed }
}

const hashesOf = (arrivals: readonly Arrival[]): string[] => [
  ...new Set(arrivals.flatMap(({ identifiers }) => identifiers.map(({ hash }) => hash))),
]

function firstOfEach(arrivals: readonly Arrival[], fresh: ReadonlySet<string>): Arrival[] {
  const left = new Set(fresh)
  return arrivals.filter(({ messageKey }) => left.delete(messageKey))
}

async function lock(
  tx: TransactionSql,
  workspaceId: number,
  profiles: readonly Touched[],
  keys: BatchKeys,
): Promise<Locked> {
  const states = new Map<string, TraitState>()
  const held = new Set<string>()
  const disowning: string[] = []
  if (profiles.length === 0) return { states, held, disowning }
  const ids = profiles.map(({ id }) => id)
  const rows = await lockProfiles(tx, { workspaceId, ids, profiles: JSON.stringify(profiles) })
  for (const { id, canonical, erased, traits, provenance, wrapped, ...row } of rows) {
    if (id !== canonical) throw fail('write_conflict', { what: 'a profile was merged meanwhile' })
    if (erased) throw fail('write_conflict', { what: 'a person was erased meanwhile' })
    held.add(id)
    if (row.disowning) disowning.push(id)
    keys.know(id, wrapped)
    if (traits && provenance) states.set(id, { traits, provenance })
  }
  return { states, held, disowning }
}

/** Sends every statement at once; they run in this order on the transaction's connection. */
async function write(
  tx: TransactionSql,
  { board, workspaceId }: Pick<Destination, 'board' | 'workspaceId'>,
  resolution: Resolution,
  { drafted, heard, places }: { drafted: Draft; heard: Heard; places: readonly object[] },
  keys: BatchKeys,
): Promise<Pick<Stored, 'recalled' | 'followed'>> {
  const at = board.clock.now().toISOString()
  const json = JSON.stringify
  const { identifiers, edges, merges } = resolution
  const made = keys.made.map((key) => ({ ...key, at }))
  const pending: Promise<unknown>[] = []
  const send = (rows: readonly unknown[], run: () => Promise<unknown>): void => {
    if (rows.length > 0) pending.push(run())
  }
  const attached = identifiers.length
    ? attachIdentifiers(tx, { workspaceId, identifiers: json(identifiers) })
    : Promise.resolve([])
  const stored = made.length
    ? storeKeys(tx, { workspaceId, keys: json(made) })
    : Promise.resolve([])
  pending.push(attached, stored)
  send(drafted.created, () => createProfiles(tx, { workspaceId, profiles: json(drafted.created) }))
  pending.push(keepAges(tx, board, workspaceId, drafted.ages))
  const recalling = keepHeard(tx, board, workspaceId, heard)
  pending.push(recalling)
  send(places, () => placePersons(tx, { workspaceId, places: json(places), at }))
  send(edges, () => keepEdges(tx, { workspaceId, edges: json(edges.map(flatEdge)) }))
  send(drafted.events, () => storeEvents(tx, { workspaceId, events: drafted.events }))
  const sides = merges.length
    ? listSentSides(tx, { workspaceId, merges: json(merges) })
    : Promise.resolve([])
  send(merges, () => mergeProfiles(tx, { workspaceId, merges: json(merges), at }))
  const heardIds = new Set(heard.entries.map(({ id }) => id))
  const following = sides.then((sent) => followMerges(tx, board, workspaceId, sent, heardIds))
  pending.push(following)
  pending.push(keepConflicts(tx, board, workspaceId, merges))
  const ids = drafted.updated.map(({ id }) => id)
  send(ids, () => updateTraits(tx, { workspaceId, ids, profiles: json(drafted.updated) }))
  send(drafted.secrets, () => storeSecrets(tx, { workspaceId, secrets: json(drafted.secrets) }))
  send(drafted.changes, () => storeChanges(tx, { workspaceId, changes: drafted.changes }))
  const { happenings } = drafted
  send(happenings, () => wakeAgents(tx, { workspaceId, happenings, at }))
  // An identifier may have come to a person and been erased with them between the look-up and here.
  const risen = identifiers.length
    ? countTombstones(tx, { workspaceId, hashes: identifiers.map(({ hash }) => hash) })
    : Promise.resolve([])
  pending.push(risen)
  await Promise.all(pending)
  if ((await risen).some(({ count }) => count > 0)) {
    throw fail('write_conflict', { what: 'a person was erased meanwhile' })
  }
  if ((await attached).length < identifiers.length || (await stored).length < made.length) {
    throw fail('write_conflict', { what: 'an identifier or key was created meanwhile' })
  }
  return { recalled: await recalling, followed: await following }
}
