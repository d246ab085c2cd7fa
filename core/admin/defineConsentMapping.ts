import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { writeMapping } from '../../blackboard/query/writeMapping.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { consentMappingInputSchema, type ConsentMapping } from '../model/consentMapping.ts'
import { covers } from '../model/purpose.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

/**
 * Says what a free id of another platform stands for here. It binds this node at once and the others within a second;
 * words heard before keep what they meant then.
 *
 * @throws forbidden, bad_input
 */
export async function defineConsentMapping(
  reader: Reader,
  given: unknown,
): Promise<ConsentMapping> {
  demand(reader, 'administer', 'Consent')
  const { sourceId = null, ...input } = parseInput(consentMappingInputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  const { dialect, consentId, targets } = input
  const author = `principal:${principal.id}`
  const definedAt = board.clock.now()
  await transact(board.db, async (tx) => {
    const known = await listPurposes(tx, { workspaceId })
    const stranger = targets.find(({ purpose }) => !known.some(({ key }) => covers(key, purpose)))
    if (stranger) {
      const reason = `there is no purpose ${stranger.purpose}`
      throw fail('bad_input', { path: 'input.targets', reason })
    }
    await writeMapping(tx, {
      workspaceId,
      dialect,
      consentId,
      author,
      sourceId: sourceId ?? '',
      targets: JSON.stringify(targets),
      at: definedAt.toISOString(),
    })
    await audit(tx, board, {
      workspaceId,
      actor: author,
      action: 'consent.map',
      object: `consent-id:${dialect}/${consentId}`,
      payload: { source: sourceId, targets },
    })
  })
  board.signals.send('consent')
  board.signals.send('audit')
  return { ...input, sourceId, author, definedAt }
}
