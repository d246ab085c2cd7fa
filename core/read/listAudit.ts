import { listCheckpoints } from '../../blackboard/query/listCheckpoints.ts'
import { readAudit } from '../../blackboard/query/readAudit.ts'
import { entryLine, keyLine } from '../audit/line.ts'
import { auditUse } from '../flow/checkpoint.ts'
import { noteShown } from './observe.ts'
import { demand, type Reader } from './reader.ts'

export const auditPageMax = 1000

/**
 * A page of the audit log after a position, as lines of an export: entries in order, each checkpoint after the
 * last entry that it covers. Empty at the end.
 */
export async function listAudit(reader: Reader, after: number): Promise<string[]> {
  demand(reader, 'read', 'AuditEntry')
  const { workspaceId } = reader.principal
  const { sql } = reader.board.db
  const entries = await readAudit(sql, { workspaceId, after, limit: auditPageMax })
  if (entries.length > 0) {
    noteShown(reader, [{ object: 'audit', count: entries.length }], 'export')
  }
  const until = entries.at(-1)?.seq
  if (until === undefined) return []
  const checkpoints = await listCheckpoints(sql, { workspaceId, after, until })
  const bySize = new Map(checkpoints.map((checkpoint) => [checkpoint.size, checkpoint]))
  return entries.flatMap((entry) => {
    const checkpoint = bySize.get(entry.seq)
    return checkpoint === undefined
      ? [entryLine(entry)]
      : [entryLine(entry), JSON.stringify({ checkpoint })]
  })
}

/** The key that checkpoints are signed with, as the first line of an export. */
export function showAuditKey(reader: Reader): string {
  demand(reader, 'read', 'AuditEntry')
  return keyLine(reader.board.vault.signingKey(auditUse))
}
