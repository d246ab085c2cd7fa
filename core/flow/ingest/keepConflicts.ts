import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { noteConflicts } from '../../../blackboard/query/noteConflicts.ts'
import type { Board } from '../../board.ts'
import type { Resolution } from '../resolve.ts'

/**
 * Notes where a merge of this transaction brought a grant and an older refusal together. The gate keeps to the
 * refusal by itself; this is for whoever is to ask the person.
 */
export async function keepConflicts(
  tx: TransactionSql,
  { clock }: Board,
  workspaceId: number,
  merges: Resolution['merges'],
): Promise<void> {
  if (merges.length === 0) return
  const at = clock.now().toISOString()
  const winners = [...new Set(merges.map(({ winner }) => winner))]
  const conflicts = await noteConflicts(tx, { workspaceId, winners, at })
  if (conflicts.length === 0) return
  const entries = conflicts.map(({ profileId, ...payload }) => ({
    at,
    payload,
    id: clock.id(),
    actor: 'system',
    action: 'consent.conflict',
    object: `profile:${profileId}`,
  }))
  await appendAudit(tx, { workspaceId, entries: JSON.stringify(entries) })
}
