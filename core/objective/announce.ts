import type { TransactionSql } from 'postgres'
import { announceObjective } from '../../blackboard/query/announceObjective.ts'
import type { Board } from '../board.ts'
import type { ObjectiveNews } from '../model/objective.ts'

/** Has agents that listen for the objective woken, with the change itself or not at all. */
export async function announce(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  workspaceId: number,
  objective: { id: string; name: string; round: number },
  news: ObjectiveNews,
): Promise<void> {
  const { id, name, round } = objective
  await announceObjective(tx, { workspaceId, id, name, round, news, at: clock.now().toISOString() })
}
