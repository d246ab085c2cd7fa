import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { lockNotices } from '../../blackboard/query/lockNotices.ts'
import { writePurpose } from '../../blackboard/query/writePurpose.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { covers } from '../model/purpose.ts'
import { purposeInputSchema, type PurposeInput } from '../model/purposeDefinition.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

/**
 * Adds a purpose to the workspace's, or says anew how it is to be handled. A purpose that needs a grant keeps needing
 * one, and so does everything below it: nobody may talk themselves out of consent by a definition.
 *
 * @throws forbidden, bad_input
 */
export async function definePurpose(reader: Reader, given: unknown): Promise<{ key: string }> {
  demand(reader, 'administer', 'Consent')
  const input = parseInput(purposeInputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  await transact(board.db, async (tx) => {
    // One at a time: two definitions could else loosen each other.
    await lockNotices(tx, { workspaceId })
    const known = await listPurposes(tx, { workspaceId })
    const before = known.find(({ key }) => key === input.key)
    checkGrants(input, known)
    const { ttlDays = null, ...rest } = input
    await writePurpose(tx, { ...rest, workspaceId, ttlDays })
    const { key, needsGrant, doubleOptIn } = input
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: 'purpose.define',
      object: `purpose:${key}`,
      payload: { isNew: before === undefined, needsGrant, ttlDays, doubleOptIn },
    })
  })
  board.signals.send('consent')
  board.signals.send('audit')
  return { key: input.key }
}

function checkGrants(
  { key, bases, needsGrant }: PurposeInput,
  known: readonly { key: string; needsGrant: boolean }[],
): void {
  const refuse = (path: string, reason: string) => fail('bad_input', { path, reason })
  if (needsGrant && !bases.includes('consent')) {
    throw refuse('input.bases', 'a purpose that needs a grant rests on consent')
  }
  if (!needsGrant && bases.every((basis) => basis === 'consent')) {
    throw refuse('input.needsGrant', 'what rests on consent alone needs a grant')
  }
  const above = known.find((each) => each.needsGrant && covers(each.key, key))
  if (!needsGrant && above) {
    throw refuse('input.needsGrant', `${above.key} needs a grant, and so does all of it`)
  }
}
