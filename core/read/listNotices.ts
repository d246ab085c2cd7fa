import * as statements from '../../blackboard/query/listNotices.ts'
import type { Notice } from '../model/notice.ts'
import { demand, type Reader } from './reader.ts'

const noticesMax = 200

/**
 * What was published, newest first: at most 200 texts of all notices, or of one.
 * @throws forbidden
 */
export async function listNotices(reader: Reader, id: string | null): Promise<Notice[]> {
  demand(reader, 'read', 'Consent')
  const { workspaceId } = reader.principal
  return statements.listNotices(reader.board.db.sql, { workspaceId, id, limit: noticesMax })
}
