import * as mappings from '../../blackboard/query/listMappings.ts'
import * as purposes from '../../blackboard/query/listPurposes.ts'
import * as keys from '../../blackboard/query/listReceiptKeys.ts'
import type { ConsentMapping, ReceiptKey } from '../model/consentMapping.ts'
import { demand, type Reader } from './reader.ts'

/** A purpose as the workspace defines it. */
export type PurposeView = Omit<purposes.PurposeRow, 'paused'>

/** @throws forbidden */
export async function listPurposes(reader: Reader): Promise<PurposeView[]> {
  demand(reader, 'read', 'Consent')
  const { workspaceId } = reader.principal
  return purposes.listPurposes(reader.board.db.sql, { workspaceId })
}

/** @throws forbidden */
export async function listConsentMappings(reader: Reader): Promise<ConsentMapping[]> {
  demand(reader, 'read', 'Consent')
  const { workspaceId } = reader.principal
  return mappings.listMappings(reader.board.db.sql, { workspaceId })
}

/** @throws forbidden */
export async function listReceiptKeys(reader: Reader): Promise<ReceiptKey[]> {
  demand(reader, 'read', 'Consent')
  const { workspaceId } = reader.principal
  return keys.listReceiptKeys(reader.board.db.sql, { workspaceId })
}
