import type { TransactionSql } from 'postgres'
import { findCanonical } from '../../blackboard/query/findCanonical.ts'
import { findIdentifiers } from '../../blackboard/query/findIdentifiers.ts'
import { lockMembers } from '../../blackboard/query/lockMembers.ts'
import type { Handle } from '../../blackboard/statement.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { normalise, type Identifier } from '../model/identifier.ts'
import { keyed } from './ingest/arrival.ts'

/** A person as one identifier names them: the canonical profile. Undefined when nobody has it. */
export async function findSubject(
  { db, vault }: Pick<Board, 'db' | 'vault'>,
  workspaceId: number,
  identifier: Identifier,
  handle: Handle = db.sql,
): Promise<string | undefined> {
  const usable = normalise(identifier)
  if (!usable) {
    throw fail('bad_input', {
      path: 'subject',
      reason: 'the identifier stands for nobody in particular',
    })
  }
  const { hash } = keyed(vault, workspaceId, usable)
  const [found] = await findIdentifiers(handle, { workspaceId, hashes: [hash] })
  return found?.canonical
}

/**
 * Locks all profiles that count as the one who an identifier names, and returns them in id order. Throws
 * `write_conflict` when a merge changed meanwhile who that is; the transaction is then tried again.
 */
export async function lockSubject(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  identifier: Identifier,
): Promise<{ canonical: string; members: string[] } | undefined> {
  const canonical = await findSubject(board, workspaceId, identifier, tx)
  return canonical === undefined ? undefined : lock(tx, workspaceId, canonical)
}

/** As `lockSubject`, of the person whom a profile counts as. */
export async function lockPerson(
  tx: TransactionSql,
  workspaceId: number,
  profileId: string,
): Promise<{ canonical: string; members: string[] }> {
  const [person] = await findCanonical(tx, { workspaceId, id: profileId })
  if (!person) throw fail('not_found', { what: 'person of this profile' })
  return lock(tx, workspaceId, person.canonical)
}

async function lock(
  tx: TransactionSql,
  workspaceId: number,
  canonical: string,
): Promise<{ canonical: string; members: string[] }> {
  const locked = await lockMembers(tx, { workspaceId, canonical })
  // Waiting for a merge, the statement above still names those who were members before it.
  const members = await lockMembers(tx, { workspaceId, canonical })
  const isWhole = members.length === locked.length
  if (!isWhole || members.some((row) => row.canonical !== canonical)) {
    throw fail('write_conflict', { what: 'a profile was merged meanwhile' })
  }
  return { canonical, members: members.map(({ id }) => id) }
}
