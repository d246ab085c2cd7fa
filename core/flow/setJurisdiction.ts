import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { placePersons } from '../../blackboard/query/placePersons.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Identifier } from '../model/identifier.ts'
import { lockSubject } from './subject.ts'

/**
 * Declares where a person is, which outweighs what their traits and events say; null takes the declaration back, until
 * one of those says something anew. Their legal state moves on, so that whatever waits for them is decided again.
 *
 * @throws unknown_subject
 */
export async function setJurisdiction(
  board: Board,
  workspaceId: number,
  actor: string,
  { subject: identifier, jurisdiction }: { subject: Identifier; jurisdiction: string | null },
): Promise<{ profileId: string }> {
  const { clock, signals } = board
  const profileId = await transact(board.db, async (tx) => {
    const subject = await lockSubject(tx, board, workspaceId, identifier)
    if (!subject) throw fail('unknown_subject', { namespace: identifier.namespace })
    const { canonical } = subject
    const at = clock.now().toISOString()
    const source = jurisdiction === null ? null : 'declared'
    const places = JSON.stringify([{ profileId: canonical, jurisdiction, source }])
    await placePersons(tx, { workspaceId, places, at })
    const told = { at, actor, id: clock.id(), action: 'profile.place' }
    const audited = { ...told, object: `profile:${canonical}`, payload: { jurisdiction } }
    await appendAudit(tx, { workspaceId, entries: JSON.stringify([audited]) })
    return canonical
  })
  signals.send('audit')
  signals.send('proposed')
  signals.profileChanged(workspaceId, [profileId])
  return { profileId }
}
