import type { TransactionSql } from 'postgres'
import { findIdentifiers } from '../../blackboard/query/findIdentifiers.ts'
import { lockMembers } from '../../blackboard/query/lockMembers.ts'
import type { Handle } from '../../blackboard/statement.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { normalise, type Identifier } from '../model/identifier.ts'
import type { Vault } from '../vault.ts'
import { keyed } from './ingest/arrival.ts'

export const erased: unique symbol = Symbol('erased')

/** A person as one identifier names them: the canonical profile. Undefined when nobody has it, or has it any more. */
export async function findSubject(
  board: Pick<Board, 'db' | 'vault'>,
  workspaceId: number,
  identifier: Identifier,
): Promise<string | undefined> {
  const found = await lookUp(board, workspaceId, identifier, board.db.sql)
  return found === erased ? undefined : found
}

/**
 * The same for who is about to write something down about the person.
 * @throws subject_erased when they were erased and have not come back
 */
export async function seekSubject(
  board: Pick<Board, 'db' | 'vault'>,
  workspaceId: number,
  identifier: Identifier,
  handle: Handle = board.db.sql,
): Promise<string | undefined> {
  const found = await lookUp(board, workspaceId, identifier, handle)
  if (found === erased) throw fail('subject_erased')
  return found
}

async function lookUp(
  { vault }: Pick<Board, 'vault'>,
  workspaceId: number,
  identifier: Identifier,
  handle: Handle,
): Promise<Sought> {
  const hash = hashOf(vault, workspaceId, identifier)
  return (await seekSubjects(handle, workspaceId, [hash])).get(hash)
}

/** What an identifier is looked up by. Throws `bad_input` for one that stands for nobody. */
export function hashOf(vault: Vault, workspaceId: number, identifier: Identifier): string {
  const usable = normalise(identifier)
  if (!usable) {
    throw fail('bad_input', {
      path: 'subject',
      reason: 'the identifier stands for nobody in particular',
    })
  }
  return keyed(vault, workspaceId, usable).hash
}

/** A canonical profile; `erased` for one who was and has not come back, nothing where nobody has the identifier. */
export type Sought = string | typeof erased | undefined

/** Whom many identifiers name, by hash. */
export async function seekSubjects(
  handle: Handle,
  workspaceId: number,
  hashes: readonly string[],
): Promise<Map<string, Sought>> {
  const subjects = new Map<string, Sought>()
  for (const row of await findIdentifiers(handle, { workspaceId, hashes: [...new Set(hashes)] })) {
    if (!row.erased) subjects.set(row.hash, row.canonical)
    else if (row.openedAt === null && !subjects.has(row.hash)) subjects.set(row.hash, erased)
  }
  return subjects
}

/**
 * Locks all profiles that count as the one who an identifier names, and returns them in id order. Throws
 * `write_conflict` when a merge changed meanwhile who that is; the transaction is then tried again.
 * @throws subject_erased
 */
export async function lockSubject(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  identifier: Identifier,
): Promise<{ canonical: string; members: string[] } | undefined> {
  const canonical = await seekSubject(board, workspaceId, identifier, tx)
  if (canonical === undefined) return undefined
  const { members, isErased, isDisowning } = await lockPerson(tx, workspaceId, canonical)
  if (isDisowning && (await seekSubject(board, workspaceId, identifier, tx)) !== canonical) {
    throw fail('write_conflict', { what: 'the identifier was taken from the person meanwhile' })
  }
  if (isErased) throw fail('write_conflict', { what: 'the person was erased meanwhile' })
  return { canonical, members }
}

/**
 * Locks all profiles that count as a canonical one, in id order. Throws `write_conflict` when a merge changed
 * meanwhile who that is.
 */
export async function lockPerson(
  tx: TransactionSql,
  workspaceId: number,
  canonical: string,
): Promise<{ members: string[]; isErased: boolean; isDisowning: boolean }> {
  const locked = await lockMembers(tx, { workspaceId, canonical })
  // Waiting for a merge, the statement above still names those who were members before it.
  const members = await lockMembers(tx, { workspaceId, canonical })
  const isWhole = members.length === locked.length
  if (!isWhole || members.some((row) => row.canonical !== canonical)) {
    throw fail('write_conflict', { what: 'a profile was merged meanwhile' })
  }
  return {
    members: members.map(({ id }) => id),
    isErased: members.some((row) => row.erased),
    isDisowning: members.some((row) => row.disowning),
  }
}
