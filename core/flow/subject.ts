import type { TransactionSql } from 'postgres'
import { findIdentifiers } from '../../blackboard/query/findIdentifiers.ts'
import { lockMembers } from '../../blackboard/query/lockMembers.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { normalise, type Identifier } from '../model/identifier.ts'
import { keyed } from './ingest/arrival.ts'

/** A person as one identifier names them: the canonical profile. Undefined when nobody has it. */
export async function findSubject(
  board: Board,
  workspaceId: number,
  identifier: Identifier,
): Promise<string | undefined> {
  const usable = normalise(identifier)
  if (!usable) {
    throw fail('bad_input', { path: 'subject', reason: 'the identifier stands for nobody in particular' })
  }
  const { hash } = keyed(board.vault, workspaceId, usable)
  const [found] = await findIdentifiers(board.db.sql, {
    workspaceId,
    hashes: [hash],
  })
  return found?.canonical
}

/**
 * Locks all profiles that count as the subject and returns their ids, in order. Throws `write_conflict`
 * when the subject lost a merge meanwhile; the transaction is then tried again from its start.
 */
export async function lockSubject(
  tx: TransactionSql,
  workspaceId: number,
  canonical: string,
): Promise<string[]> {
  const rows = await lockMembers(tx, { workspaceId, canonical })
  if (!rows.some((row) => row.id === canonical && row.canonical === canonical)) {
    throw fail('write_conflict', { what: 'a profile was merged meanwhile' })
  }
  return rows.map(({ id }) => id)
}
