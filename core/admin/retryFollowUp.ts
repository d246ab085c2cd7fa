import { retryFollowUp as retry } from '../../blackboard/query/retryFollowUp.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { overdueTries } from '../model/followUp.ts'
import { findFollowUp, type FollowUpView } from '../read/listFollowUps.ts'
import { demand, type Reader } from '../read/reader.ts'
import type { RowKey } from '../read/visibility.ts'
import { audit } from './audit.ts'

/**
 * Tries a follow-up again at once, by the word of a person: the receiver was mended, or its waits have grown long.
 *
 * @throws forbidden, not_found, follow_up_not_retryable for one that arrived or is being passed on
 */
export async function retryFollowUp(reader: Reader, key: RowKey): Promise<FollowUpView> {
  demand(reader, 'administer', 'Activation')
  const { board, principal } = reader
  const { workspaceId } = principal
  const before = await findFollowUp(reader, key)
  if (!before) throw fail('not_found', { what: 'follow-up' })
  const at = board.clock.now().toISOString()
  await transact(board.db, async (tx) => {
    const [row] = await retry(tx, { workspaceId, ...key, attemptsMax: overdueTries, at })
    if (!row) throw fail('follow_up_not_retryable', { state: stateInWords(before) })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: 'follow_up.retry_by_hand',
      object: `profile:${key.profileId}`,
      payload: { followUp: key.id, kind: row.kind, channel: row.channel, was: before.state },
    })
  })
  board.signals.send('followUp')
  board.signals.send('audit')
  const after = await findFollowUp(reader, key)
  if (!after) throw fail('not_found', { what: 'follow-up' })
  return after
}

const stateInWords = ({ state }: FollowUpView): string =>
  state === 'pending' ? 'being passed on just now' : state
