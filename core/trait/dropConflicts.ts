import { dropIntents } from '../../blackboard/query/dropIntents.ts'
import { dropTraitConflicts } from '../../blackboard/query/dropTraitConflicts.ts'
import type { Board } from '../board.ts'

/** How long a settled conflict is kept after it was last seen: two quarters, so that a report of one can still be made. */
export const conflictsKeptMs = 180 * 86_400_000
const batchMax = 1000

/** Forgets settled conflicts, and intents that ended, whose time is over. @returns how many, so that a full batch is followed by the next */
export async function dropConflicts({ db, clock }: Pick<Board, 'db' | 'clock'>): Promise<number> {
  const before = new Date(clock.now().getTime() - conflictsKeptMs).toISOString()
  const dropped = await dropTraitConflicts(db.sql, { before, limit: batchMax })
  const ended = await dropIntents(db.sql, { before, limit: batchMax })
  return dropped.length + ended.length
}
