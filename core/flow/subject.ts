import type { TransactionSql } from 'postgres'
import { findIdentifiers } from '../../blackboard/query/findIdentifiers.ts'
import { lockMembers } from '../../blackboard/query/lockMembers.ts'
import type { Handle } from '../../blackboard/statement.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { normalise, type Identifier } from '../model/identifier.ts'
import { keyed } from './ingest/arrival.ts'

const erased = Symbol('erased')

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
): Promise<string | typeof erased | undefined> {
  const usable = normalise(identifier)
  if (!usable) {
    throw fail('bad_input', {
      path: 'subject',
      reason: 'the identifier stands for nobody in particular',
    })
  }
  const { hash } = keyed(vault, workspaceId, usable)
  const found = await findIdentifiers(handle, { workspaceId, hashes: [hash] })
  for (const row of found) {
    if (!row.erased) return row.canonical
    if (row.openedAt === null) return erased
  }
  return undefined
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
  const { members, isErased } = await lockPerson(tx, workspaceId, canonical)
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
): Promise<{ members: string[]; isErased: boolean }> {
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
  }
}
