import type { TransactionSql } from 'postgres'
import { findIdentifiers } from '../../blackboard/query/findIdentifiers.ts'
import { lockMembers } from '../../blackboard/query/lockMembers.ts'
import type { Handle } from '../../blackboard/statement.ts'
import type { Board } from '../board.ts'
import { fail, SlateboardError } from '../errors.ts'
import { normalise, type Identifier } from '../model/identifier.ts'
import type { Vault } from '../vault.ts'
import { keyed } from './ingest/arrival.ts'

/**
 * A person as one identifier names them: the canonical profile. Undefined when nobody has it.
 * @throws subject_erased when its person was erased and has not come back
 */
export async function findSubject(
  { db, vault }: Pick<Board, 'db' | 'vault'>,
  workspaceId: number,
  identifier: Identifier,
  handle: Handle = db.sql,
): Promise<string | undefined> {
  const hash = hashOf(vault, workspaceId, identifier)
  const found = (await findSubjects({ db }, workspaceId, [hash], handle)).get(hash)
  if (found instanceof SlateboardError) throw found
  return found
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

/** As `findSubject`, for many at once, by hash; the error stands for one who was erased. */
export async function findSubjects(
  { db }: Pick<Board, 'db'>,
  workspaceId: number,
  hashes: readonly string[],
  handle: Handle = db.sql,
): Promise<Map<string, string | SlateboardError>> {
  const subjects = new Map<string, string | SlateboardError>()
  for (const row of await findIdentifiers(handle, { workspaceId, hashes: [...new Set(hashes)] })) {
    if (!row.erased) subjects.set(row.hash, row.canonical)
    else if (row.openedAt === null && !subjects.has(row.hash)) {
      subjects.set(row.hash, fail('subject_erased'))
    }
  }
  return subjects
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
  if (canonical === undefined) return undefined
  const { members, erased } = await lockPerson(tx, workspaceId, canonical)
  if (erased) throw fail('write_conflict', { what: 'the person was erased meanwhile' })
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
): Promise<{ members: string[]; erased: boolean }> {
  const locked = await lockMembers(tx, { workspaceId, canonical })
  // Waiting for a merge, the statement above still names those who were members before it.
  const members = await lockMembers(tx, { workspaceId, canonical })
  const isWhole = members.length === locked.length
  if (!isWhole || members.some((row) => row.canonical !== canonical)) {
    throw fail('write_conflict', { what: 'a profile was merged meanwhile' })
  }
  return {
    members: members.map(({ id }) => id),
    erased: members.some(({ erased }) => erased),
  }
}
