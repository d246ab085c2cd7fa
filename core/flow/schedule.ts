/** Wakes agents by the clock: each occurrence reaches everybody of whom the agent's precondition holds, once. */
import type { TransactionSql } from 'postgres'
import { takeSchedule } from '../../blackboard/query/takeSchedule.ts'
import { wakeScheduled } from '../../blackboard/query/wakeScheduled.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { lastOf, nextOf } from '../host/cron.ts'
import { scheduleCause } from './notice.ts'

/** Profiles that one transaction wakes an agent for; its locks are held for some tens of milliseconds. */
const profilesMax = 1000
/** Where a schedule never comes again. */
const never = 'infinity'

/**
 * Puts the next part of an occurrence that is due on the agenda. What a standstill missed comes once, as of the last
 * time that it was due. Returns 0 when nothing is due or others see to it.
 */
export async function runSchedules(board: Board): Promise<number> {
  const run = await transact(board.db, (tx) => runOne(tx, board))
  if (run.woken > 0) board.signals.send('agenda')
  return run.taken
}

async function runOne(
  tx: TransactionSql,
  { clock }: Board,
): Promise<{ taken: number; woken: number }> {
  const now = clock.now()
  const [schedule] = await takeSchedule(tx, { now: now.toISOString() })
  if (!schedule) return { taken: 0, woken: 0 }
  const { workspaceId, agent, cron, timezone, upto } = schedule
  const dueAt = schedule.dueAt ?? lastOf(schedule, now) ?? schedule.nextAt
  const [row] = await wakeScheduled(tx, {
    workspaceId,
    agent,
    cron,
    timezone,
    cause: scheduleCause(dueAt),
    dueAt: dueAt.toISOString(),
    after: upto ?? '',
    nextAt: nextOf(schedule, now)?.toISOString() ?? never,
    at: now.toISOString(),
    limit: profilesMax,
  })
  return { taken: 1, woken: row?.woken ?? 0 }
}
