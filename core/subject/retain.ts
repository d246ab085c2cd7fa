/**
 * What a law demands to be kept of a person who is erased (Art. 17(3)): single traits, each with its reason. They
 * are taken out before the person goes, and sealed in a place of their own under a fresh key each. The person is
 * erased all the same: no agent, gate or application comes upon what is kept, and only an answer to a data subject
 * opens it.
 */
import type { TransactionSql } from 'postgres'
import { insertRetentions } from '../../blackboard/query/insertRetentions.ts'
import { listRetentions } from '../../blackboard/query/listRetentions.ts'
import { lockProfiles } from '../../blackboard/query/lockProfiles.ts'
import { readProfileKeys } from '../../blackboard/query/readProfileKeys.ts'
import { storeKeys } from '../../blackboard/query/storeKeys.ts'
import { storeSecrets } from '../../blackboard/query/storeSecrets.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { Keyring } from '../flow/ingest/keyring.ts'
import { keyOfPart, type Keep } from '../model/subjectRequest.ts'
import { isExpired } from '../model/trait.ts'
import { openSealed, placeKey } from '../openSealed.ts'

/** A trait on its way from a person who is being erased to where it is kept. */
export interface Taken extends Keep {
  /** The retention's own id, under which it is sealed. */
  id: string
  /** JSON. */
  text: string
}

interface Wanted extends Keep {
  id: string
}

/**
 * Reads what is to be kept off a profile that the transaction holds.
 *
 * @throws kept_trait_unknown for a trait that the person does not have: what is misspelt would be lost for ever
 */
export async function takeOut(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  profileId: string,
  keep: readonly Keep[],
): Promise<Taken[]> {
  const wanted = keep.map((one) => ({ ...one, id: board.clock.id() }))
  const taken = await read(tx, board, workspaceId, profileId, wanted)
  const found = new Set(taken.map(({ id }) => id))
  const missing = wanted.find(({ id }) => !found.has(id))
  if (missing) throw fail('kept_trait_unknown', { part: missing.part })
  return taken
}

/** The same for who was erased before and came back with a backup: what was kept of them then, and is not there now. */
export async function takeOutAgain(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  profileId: string,
  members: readonly string[],
): Promise<Taken[]> {
  const kept = await listRetentions(tx, { workspaceId, requestIds: [], profileIds: members })
  const lost = kept.filter(({ endedAt, isThere }) => endedAt === null && !isThere)
  return read(tx, board, workspaceId, profileId, lost)
}

async function read(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  profileId: string,
  wanted: readonly Wanted[],
): Promise<Taken[]> {
  if (wanted.length === 0) return []
  const profiles = JSON.stringify([{ id: profileId, whole: true }])
  const [row] = await lockProfiles(tx, { workspaceId, ids: [profileId], profiles })
  const now = board.clock.now()
  const standing = wanted.flatMap(({ id, part, reason }) => {
    const key = keyOfPart(part)
    const made = key === undefined ? undefined : row?.provenance?.[key]
    if (key === undefined || !made || made.removed || isExpired(made, now)) return []
    const place =
      made.vault === undefined ? undefined : { profileId: made.vault, key: `trait/${key}` }
    return [{ id, part, reason, key, place }]
  })
  const places = standing.flatMap(({ place }) => place ?? [])
  const opened = await openSealed(board, workspaceId, places, tx)
  return standing.flatMap(({ key, place, ...one }) => {
    const value = row?.traits?.[key]
    const open = value === undefined ? undefined : JSON.stringify(value)
    const text = place ? opened.get(placeKey(place)) : open
    return text === undefined ? [] : [{ ...one, text }]
  })
}

/** Seals what was taken out, each under the id and key of its retention; after the person's own key is gone. */
export async function putAway(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  taken: readonly Taken[],
  of: { profileId: string; receiptId: string; requestId: string | null; at: string },
): Promise<void> {
  if (taken.length === 0) return
  const keys = new Keyring(board.vault).batch(workspaceId)
  const ids = taken.map(({ id }) => id)
  for (const { profileId, wrapped } of await readProfileKeys(tx, {
    workspaceId,
    profileIds: ids,
  })) {
    keys.know(profileId, wrapped)
  }
  const secrets = taken.map(({ id, part, text }, nth) => {
    const key = `trait/${keyOfPart(part) ?? ''}`
    return { profileId: id, key, sealed: keys.seal(id, key, text), blind: null, at: of.at, nth }
  })
  const made = keys.made.map((key) => ({ ...key, at: of.at }))
  const { at: keptAt, ...names } = of
  const rows = taken.map(({ id, part, reason }) => ({ id, part, reason, keptAt, ...names }))
  await Promise.all([
    storeKeys(tx, { workspaceId, keys: JSON.stringify(made) }),
    storeSecrets(tx, { workspaceId, secrets: JSON.stringify(secrets) }),
    insertRetentions(tx, { workspaceId, retentions: JSON.stringify(rows) }),
  ])
}
