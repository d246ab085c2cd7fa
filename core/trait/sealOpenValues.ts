/**
 * Moves values into the vault that stand in the open of a trait which was classified as personal since: on
 * profiles, in the change log, in events. What agents said of it and did not stand is forgotten. Readers, agents and conditions are kept from them already by the
 * trait's class; this takes them out of the rows.
 *
 * The database holds how far it is. A batch is one transaction with its progress, and the row of the sealing is
 * locked meanwhile, so any number of nodes may try and any of them may be killed. Profiles are walked in
 * passes: a node that had not heard of the class, or a transaction that began before, may still write in the
 * open behind the first pass. It is over once a pass that began late enough found nothing.
 */
import type { TransactionSql } from 'postgres'
import { findSealing } from '../../blackboard/query/findSealing.ts'
import { listOpenChanges } from '../../blackboard/query/listOpenChanges.ts'
import { listOpenEvents } from '../../blackboard/query/listOpenEvents.ts'
import { lockProfileKeys } from '../../blackboard/query/lockProfileKeys.ts'
import { lockOpenTraits } from '../../blackboard/query/lockOpenTraits.ts'
import { lockSealing, type LockedSealing } from '../../blackboard/query/lockSealing.ts'
import { moveSealing } from '../../blackboard/query/moveSealing.ts'
import { sealChanges } from '../../blackboard/query/sealChanges.ts'
import { sealEvents } from '../../blackboard/query/sealEvents.ts'
import { sealTraits } from '../../blackboard/query/sealTraits.ts'
import { sealTraitConflicts } from '../../blackboard/query/sealTraitConflicts.ts'
import { storeKeys } from '../../blackboard/query/storeKeys.ts'
import { storeSecrets } from '../../blackboard/query/storeSecrets.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { Keyring, type BatchKeys } from '../flow/ingest/keyring.ts'
import { isObject, jsonSchema, type Json, type JsonObject } from '../model/json.ts'
import type { Provenance } from '../model/trait.ts'
import { open } from '../vault.ts'
import { digestOf } from './digest.ts'

/** One batch's share of rows: a transaction of some tens of milliseconds. */
export const batchLimits = { profiles: 200, changes: 1000, events: 500 } as const
/** A definition is a second old at most, and no statement may take longer than 30 s. */
export const settleMs = 60_000

interface Job {
  board: Board
  workspaceId: number
  key: string
  version: number
}

/** Seals one batch, of whatever has been due for longest. @returns 0 when nothing is due, or another has it */
export async function sealOpenValues(board: Board, limits: Limits = batchLimits): Promise<number> {
  const { db, clock } = board
  const [due] = await findSealing(db.sql, { now: clock.now().toISOString() })
  if (!due) return 0
  const outcome = await transact(db, (tx) => sealBatch(tx, { board, ...due }, limits))
  if (outcome === 'finished') board.signals.send('audit')
  return outcome === 'taken' ? 0 : 1
}

type Limits = Readonly<Record<keyof typeof batchLimits, number>>

async function sealBatch(
  tx: TransactionSql,
  job: Job,
  limits: Limits,
): Promise<'taken' | 'moved' | 'finished'> {
  const { workspaceId, key, version, board } = job
  const [sealing] = await lockSealing(tx, { workspaceId, key, version })
  if (!sealing) return 'taken'
  const profiles = await lockProfileKeys(tx, {
    workspaceId,
    after: sealing.position,
    limit: limits.profiles,
  })
  const keys = new Keyring(board.vault).batch(workspaceId)
  for (const { id, wrapped } of profiles) keys.know(id, wrapped)
  const batch = new Batch(job, keys)
  const ids = profiles.map(({ id }) => id)
  await batch.load(tx, ids, limits)
  await batch.write(tx)
  const { found, words } = batch
  const sealed = total(found) + words
  // Where a limit cut it short, the same profiles come again.
  const isCut = found.changes === limits.changes || found.events === limits.events
  const position = isCut ? sealing.position : (ids.at(-1) ?? sealing.position)
  const isThrough = !isCut && ids.length < limits.profiles
  const next = isThrough
    ? nextPass(sealing, board.clock.now(), sealed)
    : { ...sealing, passFound: sealing.passFound + sealed, position, finishedAt: null }
  const [sum] = await moveSealing(tx, {
    workspaceId,
    key,
    version,
    pass: next.pass,
    passBeganAt: next.passBeganAt.toISOString(),
    passFound: next.passFound,
    position: next.position,
    finishedAt: next.finishedAt?.toISOString() ?? null,
    ...found,
  })
  if (next.finishedAt === null) return 'moved'
  const payload = { version, ...sum }
  const object = `trait:${key}`
  await audit(tx, board, { workspaceId, actor: 'system', action: 'trait.seal', object, payload })
  return 'finished'
}

interface Found {
  profiles: number
  changes: number
  events: number
}

const total = ({ profiles, changes, events }: Found): number => profiles + changes + events

/** After a pass: over when it began late enough and found nothing, else the next one once that can be. */
function nextPass(sealing: LockedSealing, now: Date, found: number) {
  const settledAt = new Date(sealing.requestedAt.getTime() + settleMs)
  const isOver = sealing.passFound + found === 0 && sealing.passBeganAt >= settledAt
  return {
    pass: isOver ? sealing.pass : sealing.pass + 1,
    passBeganAt: isOver
      ? sealing.passBeganAt
      : new Date(Math.max(now.getTime(), settledAt.getTime())),
    passFound: 0,
    position: '',
    finishedAt: isOver ? now : null,
  }
}

/** What a batch of profiles holds in the open, and the rows that it becomes. */
class Batch {
  readonly found: Found = { profiles: 0, changes: 0, events: 0 }
  readonly #job: Job
  readonly #keys: BatchKeys
  readonly #at: Date
  readonly #secrets: object[] = []
  readonly #traits: { id: string; made: string }[] = []
  readonly #changes: { profileId: string; id: string }[] = []
  /** Words of agents that did not stand. */
  words = 0
  readonly #events: { profileId: string; id: string; sealed: string | null }[] = []

  constructor(job: Job, keys: BatchKeys) {
    this.#job = job
    this.#keys = keys
    this.#at = job.board.clock.now()
  }

  async load(tx: TransactionSql, ids: readonly string[], limits: Limits): Promise<void> {
    if (ids.length === 0) return
    const { workspaceId, key } = this.#job
    const at = this.#at.toISOString()
    const [[words], traits, changes, events] = await Promise.all([
      sealTraitConflicts(tx, { workspaceId, key, ids, at }),
      lockOpenTraits(tx, { workspaceId, ids, key }),
      listOpenChanges(tx, { workspaceId, ids, key, limit: limits.changes }),
      listOpenEvents(tx, { workspaceId, ids, key, limit: limits.events }),
    ])
    this.words = words?.found ?? 0
    for (const { id, value, made } of traits) this.#sealTrait(id, value, made)
    for (const { profileId, id, value } of changes) {
      this.#changes.push({ profileId, id })
      this.#keep(profileId, `change/${id}`, value, null)
    }
    for (const event of events) this.#sealEvent(event)
    Object.assign(this.found, {
      profiles: traits.length,
      changes: changes.length,
      events: events.length,
    })
  }

  /** Sends every statement at once; they run in this order on the transaction's connection. */
  async write(tx: TransactionSql): Promise<void> {
    const { workspaceId, key } = this.#job
    const json = JSON.stringify
    const made = this.#keys.made.map((each) => ({ ...each, at: this.#at }))
    const pending: Promise<unknown>[] = []
    const send = (rows: readonly unknown[], run: () => Promise<unknown>): void => {
      if (rows.length > 0) pending.push(run())
    }
    const stored = made.length
      ? storeKeys(tx, { workspaceId, keys: json(made) })
      : Promise.resolve([])
    pending.push(stored)
    const traits = this.#traits
    send(traits, () =>
      sealTraits(tx, {
        workspaceId,
        key,
        ids: traits.map(({ id }) => id),
        made: traits.map((each) => each.made),
      }),
    )
    const { profileIds, ids } = columns(this.#changes)
    send(ids, () => sealChanges(tx, { workspaceId, profileIds, ids }))
    const sealed = this.#events.map((each) => each.sealed)
    send(sealed, () => sealEvents(tx, { workspaceId, key, sealed, ...columns(this.#events) }))
    send(this.#secrets, () => storeSecrets(tx, { workspaceId, secrets: json(this.#secrets) }))
    await Promise.all(pending)
    if ((await stored).length < made.length) {
      throw fail('write_conflict', { what: 'a key was created meanwhile' })
    }
  }

  #sealTrait(profileId: string, value: Json, before: Provenance | null): void {
    const { workspaceId, key, board } = this.#job
    const sealedAt = this.#at.toISOString()
    const made: Provenance = {
      ...(before ?? nobody(sealedAt)),
      vault: profileId,
      sealedAt,
      digest: digestOf(board.vault, { workspaceId, profileId, key }, value),
    }
    this.#traits.push({ id: profileId, made: JSON.stringify(made) })
    const field = `trait/${key}`
    const blind = typeof value === 'string' ? board.vault.blind(workspaceId, field, value) : null
    this.#keep(profileId, field, value, blind)
  }

  /** Without its data key an event's sealed part is gone for everyone; what stood beside it goes there too. */
  #sealEvent(event: Awaited<ReturnType<typeof listOpenEvents>>[number]): void {
    const { workspaceId, key } = this.#job
    const { profileId, id, property, trait, hasProperty, hasTrait, sealed: before } = event
    const field = `event/${id}`
    const isLost = before !== null && !this.#keys.knows(profileId)
    const held: JsonObject =
      before === null || isLost
        ? {}
        : parse(open(this.#keys.of(profileId), { workspaceId, profileId, field }, before))
    const together: JsonObject = { properties: {}, traits: {}, context: {}, ...held }
    if (hasProperty)
      together['properties'] = { ...objectOf(together['properties']), [key]: property }
    if (hasTrait) together['traits'] = { ...objectOf(together['traits']), [key]: trait }
    const sealed = isLost ? null : this.#keys.seal(profileId, field, JSON.stringify(together))
    this.#events.push({ profileId, id, sealed })
  }

  #keep(profileId: string, key: string, value: Json, blind: string | null): void {
    this.#secrets.push({
      profileId,
      key,
      sealed: this.#keys.seal(profileId, key, JSON.stringify(value)),
      blind,
      at: this.#at,
      nth: this.#secrets.length,
    })
  }
}

const columns = (rows: readonly { profileId: string; id: string }[]) => ({
  profileIds: rows.map(({ profileId }) => profileId),
  ids: rows.map(({ id }) => id),
})

/** A value whose origin was never written down. */
const nobody = (writtenAt: string): Provenance => ({
  revision: 1,
  author: { kind: 'system', id: 'seal' },
  writtenAt,
  confidence: 1,
  cause: 'seal',
})

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const parse = (text: Buffer): JsonObject =>
  objectOf(jsonSchema.parse(JSON.parse(text.toString('utf8'))))
