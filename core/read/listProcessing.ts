import { fail } from '../errors.ts'
import { findingsOf, type ProcessingFinding } from '../processing/finding.ts'
import { loadMaterial } from '../processing/loadMaterial.ts'
import { recordsOf, type ProcessingRecord } from '../processing/record.ts'
import { demand, type Reader } from './reader.ts'

export const daysDefault = 90
const daysMax = 3650

/**
 * The records of processing activities. Who may read the audit log may read them: both are what an authority asks
 * for. @throws forbidden, bad_input
 */
export async function listProcessingRecords(
  reader: Reader,
  days: number,
): Promise<ProcessingRecord[]> {
  return recordsOf(await materialOf(reader, days))
}

/** Where use and promise differ. @throws forbidden, bad_input */
export async function listProcessingFindings(
  reader: Reader,
  days: number,
): Promise<ProcessingFinding[]> {
  return findingsOf(await materialOf(reader, days))
}

function materialOf(reader: Reader, days: number) {
  demand(reader, 'read', 'AuditEntry')
  if (days >= 1 && days <= daysMax) {
    return loadMaterial(reader.board, reader.principal.workspaceId, days)
  }
  throw fail('bad_input', { path: 'days', reason: `it is from 1 to ${daysMax}` })
}
