import { readAudit, type AuditRow } from '../../blackboard/query/readAudit.ts'
import { demand, type Reader } from './reader.ts'

export const auditPageMax = 1000

/** A page of the audit chain after a position, in order. */
export function listAudit(reader: Reader, after: number): Promise<AuditRow[]> {
  demand(reader, 'read', 'AuditEntry')
  const { workspaceId } = reader.principal
  return readAudit(reader.board.db.sql, { workspaceId, after, limit: auditPageMax })
}
