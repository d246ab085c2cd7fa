import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import {
  eraseRequestSchema,
  keepOf,
  type Keep,
  type SubjectRequest,
} from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import { changeRequest, handlerOf, readRequest, type Handler } from './changeRequest.ts'
import { eraseSubject } from './erase.ts'
import { endKept } from './endRetention.ts'
import { demandAct, did } from './life.ts'
import type { ErasureReason, Receipt } from './receipt.ts'

/** What stays when a person is erased, without anything that tells of them. */
const evidence: ReadonlySet<string> = new Set(['consents', 'decisions', 'activations', 'requests'])

/**
 * Art. 17: erases the person that a request asks for. Traits that the request refuses to erase, for a reason of
 * Art. 17(3), are kept out of everybody's reach; what was kept of them before and is not refused now goes. A process
 * that dies in between has erased, and doing it again gives the receipt of then.
 *
 * @throws erasure_not_partial, kept_trait_unknown, legal_hold
 */
export async function eraseByRequest(reader: Reader, input: unknown): Promise<SubjectRequest> {
  const by = handlerOf(reader)
  const { id, reason } = parseInput(eraseRequestSchema, input)
  return eraseFor(by, id, reason)
}

export async function eraseFor(
  by: Handler,
  id: string,
  reason: ErasureReason,
): Promise<SubjectRequest> {
  const { board, workspaceId, actor } = by
  const asked = await readRequest(by, id)
  const keep = demandErasure(asked)
  const receipts: Receipt[] = []
  for (const profileId of asked.profileIds) {
    const erasure = { profileId, requestId: id, reason, keep, actor }
    receipts.push(await eraseSubject(board, workspaceId, erasure))
  }
  return changeRequest(by, id, async (request, tx) => {
    const kept = demandErasure(request).map(({ part }) => part)
    const persons = receipts.map(({ subject }) => subject.profile)
    const ended = await endKept(tx, by, persons, kept)
    return did(request, 'erased', {
      receipts: receipts.map((receipt) => receipt.id),
      reason,
      ...(kept.length > 0 ? { kept } : {}),
      ...(ended.length > 0 ? { ended } : {}),
      recipientsToTell: receipts.reduce((sum, { followUps }) => sum + followUps, 0),
    })
  })
}

/** What the request keeps. Of several persons it would not be known whose it is. */
function demandErasure(request: SubjectRequest): Keep[] {
  demandAct(request, ['erasure'], 'erased')
  const isOfOne = request.profileIds.length === 1
  return request.refusals.flatMap((refusal) => {
    if (evidence.has(refusal.part)) return []
    const keep = isOfOne ? keepOf(refusal) : undefined
    if (keep) return [keep]
    throw fail('erasure_not_partial', { request: request.id, ...refusal })
  })
}
