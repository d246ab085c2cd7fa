import { openTombstones } from '../../blackboard/query/openTombstones.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { keyed } from '../flow/ingest/arrival.ts'
import { normalise, type Identifier } from '../model/identifier.ts'

/**
 * Lets a person who was erased be known again, because they came back by themselves. What happened until now stays
 * out for ever: late events, a replay or an import bring nothing back. Who comes is a new profile, of whom nothing is
 * known and who has consented to nothing.
 *
 * @param by who says so, as `principal:<id>`
 * @returns how many identifiers may be seen again: all that were erased together
 * @throws not_found when the identifier has no tombstone, or one that was lifted before
 */
export async function liftTombstone(
  board: Board,
  workspaceId: number,
  { subject, by }: { subject: Identifier; by: string },
): Promise<{ receiptId: string; lifted: number }> {
  const usable = normalise(subject)
  const hash = usable && keyed(board.vault, workspaceId, usable).hash
  const opened = await transact(board.db, async (tx) => {
    const at = board.clock.now().toISOString()
    const rows = hash ? await openTombstones(tx, { workspaceId, hash, at, by }) : []
    const [first] = rows
    if (!first) return undefined
    const result = { receiptId: first.receiptId, lifted: rows.length }
    await audit(tx, board, {
      workspaceId,
      actor: by,
      action: 'tombstone.lift',
      object: `receipt:${first.receiptId}`,
      payload: { lifted: rows.length },
    })
    return result
  })
  if (!opened) throw fail('not_found', { what: 'tombstone of this identifier' })
  board.signals.send('audit')
  return opened
}
