import * as statements from '../../blackboard/query/listPolicyEnactments.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export type PolicyEnactmentView = statements.PolicyEnactmentRow

/** The last 100 times that a version came into force, latest first. @throws forbidden */
export function listPolicyEnactments(
  reader: Reader,
  number: number,
): Promise<PolicyEnactmentView[]> {
  demand(reader, 'read', 'Policy')
  const { workspaceId } = reader.principal
  return statements.listPolicyEnactments(reader.board.db.sql, { workspaceId, number })
}
