import type { TransactionSql } from 'postgres'
import { insertFollowUps } from '../../../blackboard/query/insertFollowUps.ts'
import { listOvertaken } from '../../../blackboard/query/listOvertaken.ts'
import { moveFollowUps } from '../../../blackboard/query/moveFollowUps.ts'
import type { Board } from '../../board.ts'

/**
 * What was on its way while somebody withdrew has landed now: the follow-up that waited for it may go at once,
 * and one that went before it goes again, or the receiver would have heard of the refusal first and of the
 * person afterwards.
 *
 * @param landed activations, and the profile that the receiver was told
 * @returns how many follow-ups may go now
 */
export async function followArrivals(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  workspaceId: number,
  landed: readonly { id: string; toldAs: string }[],
): Promise<number> {
  const profileIds = [...new Set(landed.map(({ toldAs }) => toldAs))]
  const activationIds = landed.map(({ id }) => id)
  const rows = await listOvertaken(tx, { workspaceId, profileIds, activationIds })
  if (rows.length === 0) return 0
  const now = clock.now()
  const at = now.toISOString()
  const [overtaken, waiting] = [rows.filter((row) => !row.waits), rows.filter((row) => row.waits)]
  const moves = waiting.map(({ profileId, id }) => ({
    profileId,
    id,
    state: 'pending',
    dueAt: now,
  }))
  await Promise.all([
    moveFollowUps(tx, { workspaceId, profileIds, holder: null, at, moves: JSON.stringify(moves) }),
    ...overtaken.map((row) =>
      insertFollowUps(tx, {
        workspaceId,
        followUps: JSON.stringify([{ ...row, id: clock.id(), dueAt: now }]),
        at,
      }),
    ),
  ])
  return rows.length
}
