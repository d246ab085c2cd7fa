/** Art. 16 for what a person is known by: wrong identifiers are taken from them, right ones given. */
import type { TransactionSql } from 'postgres'
import { attachIdentifiers } from '../../blackboard/query/attachIdentifiers.ts'
import { countTombstones } from '../../blackboard/query/countTombstones.ts'
import { disownIdentifiers } from '../../blackboard/query/disownIdentifiers.ts'
import { findIdentifiers } from '../../blackboard/query/findIdentifiers.ts'
import { keepEdges } from '../../blackboard/query/keepEdges.ts'
import { listEvidence } from '../../blackboard/query/listEvidence.ts'
import { readProfileKeys } from '../../blackboard/query/readProfileKeys.ts'
import { reownIdentifiers } from '../../blackboard/query/reownIdentifiers.ts'
import { storeChanges, type ChangeRow } from '../../blackboard/query/storeChanges.ts'
import { storeKeys } from '../../blackboard/query/storeKeys.ts'
import { storeSecrets } from '../../blackboard/query/storeSecrets.ts'
import { fail } from '../errors.ts'
import { keyed } from '../flow/ingest/arrival.ts'
import { Keyring } from '../flow/ingest/keyring.ts'
import { flatEdge, identityKey, starOf, type Keyed } from '../flow/resolve.ts'
import { normalise, priorityOf, type Identifier } from '../model/identifier.ts'
import type { Handler } from './changeRequest.ts'
import { tearOf, type Evidence } from './cohesion.ts'
import type { Person } from './person.ts'

/** An identifier with the value that goes to the vault where it is personal. */
export interface Stated extends Keyed {
  plain: string
}

export interface Correction {
  wrong: readonly Stated[]
  right: readonly Stated[]
}

/** By namespace: what was taken and what was given. */
export interface Corrected {
  taken: string[]
  given: string[]
}

/** @throws bad_input for what stands for nobody, or is wrong and right at once */
export function correctionOf(
  { board: { vault }, workspaceId }: Handler,
  wrong: readonly Identifier[],
  right: readonly Identifier[],
): Correction {
  const stated = (path: string) => (identifier: Identifier, nth: number) => {
    const usable = normalise(identifier)
    if (usable) return { ...keyed(vault, workspaceId, usable), plain: usable.value }
    const reason = 'the identifier stands for nobody in particular'
    throw fail('bad_input', { path: `input.${path}[${nth}]`, reason })
  }
  const correction = {
    wrong: wrong.map(stated('wrongIdentifiers')),
    right: right.map(stated('rightIdentifiers')),
  }
  const isWrong = new Set(correction.wrong.map(identityKey))
  const both = correction.right.findIndex((identifier) => isWrong.has(identityKey(identifier)))
  if (both === -1) return correction
  const reason = 'the identifier is among the wrong ones as well'
  throw fail('bad_input', { path: `input.rightIdentifiers[${both}]`, reason })
}

/**
 * Corrects the identifiers of one person, whose profiles the transaction holds and whose legal state has moved on.
 * What came under a wrong identifier stays in the person's history; from now on nothing comes to them by it, and
 * somebody else may have it.
 *
 * @throws identifier_not_theirs, identifier_taken, identifier_joins, identifier_last, subject_erased
 */
export async function correctIdentifiers(
  tx: TransactionSql,
  by: Handler,
  { canonical, members }: Person,
  { wrong, right }: Correction,
  cause: { requestId: string; principalId: string },
): Promise<Corrected> {
  const { board, workspaceId } = by
  const [evidence] = await listEvidence(tx, { workspaceId, ids: members })
  if (!evidence) throw fail('internal')
  const mine = new Map(evidence.identifiers.map((node) => [identityKey(node), node]))
  const alien = wrong.find((identifier) => !mine.has(identityKey(identifier)))
  if (alien) throw fail('identifier_not_theirs', { namespace: alien.namespace })
  const given = right.filter((identifier) => !mine.has(identityKey(identifier)))
  await demandFree(tx, by, given)
  demandWhole(evidence, wrong, given)
  const at = board.clock.now()
  const key = { workspaceId, ids: members }
  if (wrong.length > 0) {
    const named = wrong.map(({ namespace, hash }) => ({ namespace, hash }))
    await disownIdentifiers(tx, {
      ...key,
      canonical,
      wrong: JSON.stringify(named),
      requestId: cause.requestId,
      at: at.toISOString(),
    })
  }
  if (given.length > 0) {
    await reownIdentifiers(tx, { ...key, hashes: given.map(({ hash }) => hash) })
    await give(tx, by, canonical, { given, hub: hubOf(evidence, wrong), ...cause })
  }
  const changeOf = changes(by, canonical, cause)
  await storeChanges(tx, {
    workspaceId,
    changes: [
      ...wrong.map(({ namespace }) => changeOf(namespace, 'taken')),
      ...given.map(({ namespace }) => changeOf(namespace, 'given')),
    ],
  })
  const spaces = (list: readonly Keyed[]) => list.map(({ namespace }) => namespace)
  return { taken: spaces(wrong), given: spaces(given) }
}

/** What belongs to another person would make two persons one. */
async function demandFree(
  tx: TransactionSql,
  { workspaceId }: Handler,
  given: readonly Stated[],
): Promise<void> {
  if (given.length === 0) return
  const found = await findIdentifiers(tx, { workspaceId, hashes: given.map(({ hash }) => hash) })
  const taken = found.find(({ erased }) => !erased)
  if (taken) throw fail('identifier_taken', { namespace: taken.namespace })
  if (found.some((row) => row.erased && row.openedAt === null)) throw fail('subject_erased')
}

function demandWhole(evidence: Evidence, wrong: readonly Stated[], given: readonly Stated[]): void {
  const [first] = wrong
  if (!first) return
  const tear = tearOf(evidence, new Set(wrong.map(identityKey)), given.length > 0)
  if (tear === 'joins') throw fail('identifier_joins', { namespace: first.namespace })
  if (tear === 'last') throw fail('identifier_last', { namespace: first.namespace })
}

/** The strongest identifier that stays; it vouches for those that are given. */
function hubOf({ identifiers }: Evidence, wrong: readonly Stated[]): Keyed | undefined {
  const isWrong = new Set(wrong.map(identityKey))
  return identifiers
    .filter((node) => !isWrong.has(identityKey(node)))
    .toSorted((one, other) => priorityOf(one.namespace) - priorityOf(other.namespace))
    .map(({ namespace, hash }) => ({ namespace, hash, value: null }))[0]
}

interface Gift {
  given: readonly Stated[]
  hub: Keyed | undefined
  requestId: string
}

async function give(
  tx: TransactionSql,
  { board, workspaceId }: Handler,
  home: string,
  { given, hub, requestId }: Gift,
): Promise<void> {
  const at = board.clock.now()
  const keys = new Keyring(board.vault).batch(workspaceId)
  const [stored] = await readProfileKeys(tx, { workspaceId, profileIds: [home] })
  keys.know(home, stored?.wrapped ?? null)
  const identifiers = given.map(({ namespace, hash, value }) => ({
    namespace,
    hash,
    value,
    home,
    eventId: requestId,
    at,
  }))
  const attached = await attachIdentifiers(tx, {
    workspaceId,
    identifiers: JSON.stringify(identifiers),
  })
  if (attached.length < given.length) {
    throw fail('write_conflict', { what: 'an identifier was created meanwhile' })
  }
  const hashes = given.map(({ hash }) => hash)
  const [risen] = await countTombstones(tx, { workspaceId, hashes })
  if ((risen?.count ?? 0) > 0) {
    throw fail('write_conflict', { what: 'a person was erased meanwhile' })
  }
  const star = hub ? [hub, ...given] : given
  const claim = { eventId: requestId, rule: 'rectification', at, identifiers: star }
  const secrets = given
    .filter(({ value }) => value === null)
    .map(({ namespace, hash, plain }, nth) => {
      const key = `identifier/${namespace}/${hash}`
      return { profileId: home, key, sealed: keys.seal(home, key, plain), blind: null, at, nth }
    })
  const made = keys.made.map((key) => ({ ...key, at }))
  if (made.length > 0) await storeKeys(tx, { workspaceId, keys: JSON.stringify(made) })
  await Promise.all([
    keepEdges(tx, { workspaceId, edges: JSON.stringify(starOf(claim).map(flatEdge)) }),
    storeSecrets(tx, { workspaceId, secrets: JSON.stringify(secrets) }),
  ])
}

/** The log names the namespace and never a value. */
const changes =
  (
    { board: { clock } }: Handler,
    profileId: string,
    { requestId, principalId }: { requestId: string; principalId: string },
  ) =>
  (namespace: string, act: 'taken' | 'given'): ChangeRow => ({
    profileId,
    id: clock.id(),
    kind: 'identifier',
    key: namespace,
    value: JSON.stringify(act),
    confidence: null,
    revision: null,
    authorKind: 'principal',
    authorId: principalId,
    cause: requestId,
    hop: 0,
    at: clock.now().getTime(),
  })
