import { listShadowCounts } from '../../blackboard/query/listShadowCounts.ts'
import type { ShadowCountRow } from '../../blackboard/query/listShadowCounts.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

/** What a version said while it was in shadow. */
export interface ShadowView {
  decisions: number
  /** How many of them it would have decided otherwise. */
  disagreements: number
  counts: ShadowCountRow[]
}

/** Null for a version that never was asked. @throws forbidden */
export async function findShadow(reader: Reader, number: number): Promise<ShadowView | null> {
  demand(reader, 'read', 'Policy')
  const { workspaceId } = reader.principal
  const counts = await listShadowCounts(reader.board.db.sql, { workspaceId, number })
  if (counts.length === 0) return null
  const sum = (rows: readonly ShadowCountRow[]) =>
    rows.reduce((all, { decisions }) => all + decisions, 0)
  const disagreements = sum(counts.filter(({ direction }) => direction !== 'agrees'))
  return { decisions: sum(counts), disagreements, counts }
}
