/** What officers may ask about erasures; each refused with `forbidden` unless the policy lets the caller. */
import { findReceiptById } from '../../blackboard/query/findReceiptById.ts'
import { keyLine } from '../audit/line.ts'
import { fail } from '../errors.ts'
import { auditUse } from '../flow/checkpoint.ts'
import type { Identifier } from '../model/identifier.ts'
import { demand, type Reader } from '../read/reader.ts'
import { exportTombstones, replayTombstones } from './restore.ts'
import { liftTombstone } from './tombstone.ts'

/** A receipt as a file that `slateboard audit verify` takes: the key of its signature, then the receipt. */
export async function showReceipt(reader: Reader, id: string): Promise<string[]> {
  demand(reader, 'read', 'SubjectRequest')
  const { board, principal } = reader
  const [found] = await findReceiptById(board.db.sql, { workspaceId: principal.workspaceId, id })
  if (!found) throw fail('not_found', { what: `receipt ${id}` })
  return [keyLine(board.vault.signingKey(auditUse)), `{"receipt":${found.receipt}}`]
}

/** A page of the workspace's erasures, to be kept beside backups. */
export function listErasures(reader: Reader, after: string): Promise<string[]> {
  demand(reader, 'administer', 'SubjectRequest')
  return exportTombstones(reader.board, reader.principal.workspaceId, after)
}

export function replayErasures(
  reader: Reader,
  lines: readonly string[],
): Promise<{ restored: number; erased: number }> {
  demand(reader, 'administer', 'SubjectRequest')
  return replayTombstones(reader.board, reader.principal.workspaceId, lines)
}

export function letReturn(
  reader: Reader,
  subject: Identifier,
): Promise<{ receiptId: string; lifted: number }> {
  demand(reader, 'administer', 'SubjectRequest')
  const { workspaceId, id } = reader.principal
  return liftTombstone(reader.board, workspaceId, { subject, by: `principal:${id}` })
}
