import type { TransactionSql } from 'postgres'
import { lockPolicies } from '../../blackboard/query/lockPolicies.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { JsonObject } from '../model/json.ts'
import type { Reader } from '../read/reader.ts'
import { authorOf } from './version.ts'

interface Act {
  /** Such as `policy.propose`. */
  action: string
  number: number
  payload?: JsonObject
}

/**
 * Moves policy versions in one transaction, one such transaction of a workspace at a time, with an entry in
 * the audit; then tells every node.
 */
export async function changePolicy<Done extends Act>(
  { board, principal }: Pick<Reader, 'board' | 'principal'>,
  work: (tx: TransactionSql) => Promise<Done>,
): Promise<Done> {
  const { workspaceId } = principal
  const done = await transact(board.db, async (tx) => {
    await lockPolicies(tx, { workspaceId })
    const act = await work(tx)
    await audit(tx, board, {
      workspaceId,
      actor: authorOf({ principal }),
      action: act.action,
      object: `policy:${act.number}`,
      payload: act.payload ?? {},
    })
    return act
  })
  board.signals.send('policy')
  board.signals.send('audit')
  return done
}
