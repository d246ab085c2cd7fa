/** Art. 16: a person's own word about what is known of them. */
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { parseInput } from '../admin/parseInput.ts'
import { enqueueFollowUps } from '../flow/followUp/enqueue.ts'
import { rectifySubjectSchema, type SubjectRequest } from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import { changeRequest, handlerOf } from './changeRequest.ts'
import { demandAct, did } from './life.ts'
import { lockPersons } from './person.ts'
import { heeding, putTraits } from './putTraits.ts'

/**
 * Writes what a person says about themself over what was known, whatever rule the trait has for writers that do not
 * agree. Agents that go by it are woken, so that what was concluded from the old value is concluded anew; who got
 * data already is told (Art. 19). What an agent concludes is not written over: its sources are what to rectify.
 *
 * @throws trait_owned, bad_input for a value that the trait's schema does not take
 */
export async function rectifySubject(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, traits } = parseInput(rectifySubjectSchema, input)
  await reader.learn()
  let touched: string[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    demandAct(request, ['rectification'], 'rectified')
    const persons = await lockPersons(tx, workspaceId, request.profileIds)
    const ids = persons.flatMap(({ members }) => members)
    const now = board.clock.now()
    await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at: now.toISOString() })
    const said = { traits, cause: id, principalId: reader.principal.id }
    const written = new Set<string>()
    for (const person of persons) {
      const keys = await putTraits(tx, by, heeding(reader.definitions), person, said)
      for (const key of keys) written.add(key)
    }
    const told = await enqueueFollowUps(tx, board, {
      workspaceId,
      at: now,
      kind: 'rectification',
      profileIds: ids,
      purpose: null,
      channel: '*',
      reason: 'rectified',
    })
    touched = ids
    return did(request, 'rectified', { traits: [...written], recipientsToTell: told.length })
  })
  board.signals.send('followUp')
  board.signals.send('agenda')
  board.signals.profileChanged(workspaceId, touched)
  return changed
}
