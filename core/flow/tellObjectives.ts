/** Wakes agents by news of objectives: each reaches everybody of whom the agent's precondition holds, once. */
import type { TransactionSql } from 'postgres'
import { takeWaking } from '../../blackboard/query/takeWaking.ts'
import { wakeForObjective } from '../../blackboard/query/wakeForObjective.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { objectiveCause } from './notice.ts'

/** Profiles that one transaction wakes an agent for. */
const profilesMax = 1000

/** Puts the next part of some news on the agenda. Returns 0 when there is none or others see to it. */
export async function tellObjectives(board: Board): Promise<number> {
  const run = await transact(board.db, (tx) => tellOne(tx, board))
  if (run.woken > 0) board.signals.send('agenda')
  return run.taken
}

async function tellOne(
  tx: TransactionSql,
  { clock }: Board,
): Promise<{ taken: number; woken: number }> {
  const [waking] = await takeWaking(tx, {})
  if (!waking) return { taken: 0, woken: 0 }
  const { workspaceId, id, agent, name, upto: after } = waking
  const [row] = await wakeForObjective(tx, {
    workspaceId,
    id,
    agent,
    name,
    cause: objectiveCause(waking),
    after,
    at: clock.now().toISOString(),
    limit: profilesMax,
  })
  return { taken: 1, woken: row?.woken ?? 0 }
}
