/** Art. 16: a person's own word about what is known of them. */
import { bumpLegalStates } from '../../blackboard/query/bumpLegalStates.ts'
import { parseInput } from '../admin/parseInput.ts'
import { enqueueFollowUps } from '../flow/followUp/enqueue.ts'
import { rectifySubjectSchema, type SubjectRequest } from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import type { TransactionSql } from 'postgres'
import type { JsonObject } from '../model/json.ts'
import type { TraitState } from '../model/trait.ts'
import { fail } from '../errors.ts'
import { addressTraits } from './addressTraits.ts'
import { changeRequest, handlerOf, type Handler } from './changeRequest.ts'
import { correctIdentifiers, correctionOf, type Correction } from './correctIdentifiers.ts'
import { demandAct, did } from './life.ts'
import { lockPersons, type Person } from './person.ts'
import { heeding, putTraits } from './putTraits.ts'

/**
 * Writes what a person says about themself over what was known, whatever rule the trait has for writers that do not
 * agree. Agents that go by it are woken, so that what was concluded from the old value is concluded anew; who got
 * data already is told (Art. 19). What an agent concludes is not written over: its sources are what to rectify. What
 * the person is known by is put right in the same way.
 *
 * @throws trait_concluded, bad_input for a value that the trait's schema does not take, and what
 *   `correctIdentifiers` throws
 */
export async function rectifySubject(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { board, workspaceId } = by
  const { id, traits, ...identifiers } = parseInput(rectifySubjectSchema, input)
  const correction = correctionOf(by, identifiers.wrongIdentifiers, identifiers.rightIdentifiers)
  await reader.learn()
  let touched: string[] = []
  const changed = await changeRequest(by, id, async (request, tx) => {
    demandAct(request, ['rectification'], 'rectified')
    const persons = await lockPersons(tx, workspaceId, request.profileIds)
    const ids = persons.flatMap(({ members }) => members)
    const now = board.clock.now()
    await bumpLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at: now.toISOString() })
    const principalId = reader.principal.id
    const corrected = await correctOne(tx, by, persons, correction, { requestId: id, principalId })
    const said = {
      traits: async (before: TraitState): Promise<JsonObject> => ({
        ...(await addressTraits(tx, by, before, correction)),
        ...traits,
      }),
      cause: id,
      principalId,
    }
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
    return did(request, 'rectified', {
      traits: [...written],
      ...corrected,
      recipientsToTell: told.length,
    })
  })
  board.signals.send('followUp')
  board.signals.send('agenda')
  board.signals.profileChanged(workspaceId, touched)
  return changed
}

/** Whose identifiers they are has to be beyond doubt. */
async function correctOne(
  tx: TransactionSql,
  by: Handler,
  persons: readonly Person[],
  correction: Correction,
  cause: { requestId: string; principalId: string },
): Promise<JsonObject> {
  if (correction.wrong.length + correction.right.length === 0) return {}
  const [person, ...others] = persons
  if (!person || others.length > 0) {
    const reason = 'the request is about several persons; open one for each to correct identifiers'
    throw fail('bad_input', { path: 'input.id', reason })
  }
  const { taken, given } = await correctIdentifiers(tx, by, person, correction, cause)
  return { identifiersTaken: taken, identifiersGiven: given }
}
