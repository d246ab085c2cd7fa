import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { eraseRequestSchema, type SubjectRequest } from '../model/subjectRequest.ts'
import type { Reader } from '../read/reader.ts'
import { changeRequest, handlerOf, readRequest, type Handler } from './changeRequest.ts'
import { eraseSubject } from './erase.ts'
import { demandAct, did } from './life.ts'
import type { ErasureReason, Receipt } from './receipt.ts'

/** What stays when a person is erased, without anything that tells of them: the rest goes as a whole. */
const kept: ReadonlySet<string> = new Set(['consents', 'decisions', 'activations', 'requests'])

/**
 * Art. 17: erases the person that a request asks for. A process that dies in between has erased, and doing it again
 * gives the receipt of then.
 *
 * @throws erasure_not_partial, legal_hold
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
  demandErasure(asked)
  const receipts: Receipt[] = []
  for (const profileId of asked.profileIds) {
    const erasure = { profileId, requestId: id, reason, actor }
    receipts.push(await eraseSubject(board, workspaceId, erasure))
  }
  return changeRequest(by, id, (request) => {
    demandErasure(request)
    return did(request, 'erased', {
      receipts: receipts.map((receipt) => receipt.id),
      reason,
      recipientsToTell: receipts.reduce((sum, { followUps }) => sum + followUps, 0),
    })
  })
}

function demandErasure(request: SubjectRequest): void {
  demandAct(request, ['erasure'], 'erased')
  const part = request.refusals.find((refusal) => !kept.has(refusal.part))?.part
  if (part) throw fail('erasure_not_partial', { request: request.id, part })
}
