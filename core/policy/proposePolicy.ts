import { judgePolicy } from '../../blackboard/query/judgePolicy.ts'
import { parseInput } from '../admin/parseInput.ts'
import { proposePolicyInput } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { checkCandidate } from './checkCandidate.ts'
import { storeDraft } from './draftPolicy.ts'
import { demandBase, demandStatus, loadVersion, nowOf } from './version.ts'

/**
 * Proposes a draft by its number, or a document at once: its tests are green, and it is noted whether it
 * gives anybody more than the version it would replace, for then two others have to approve it.
 *
 * @throws forbidden, bad_input, policy_unknown, policy_not_ready, policy_invalid, policy_tests_failed,
 * policy_overtaken
 */
export async function proposePolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'write', 'Policy')
  const { number: drafted, document, reason } = parseInput(proposePolicyInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const draft = drafted == null ? null : await loadVersion(board.db.sql, workspaceId, drafted)
  if (draft) demandStatus(draft, ['draft'], 'proposed')
  const { policy, base, comparison } = await checkCandidate(reader, draft?.document ?? document)
  const done = await changePolicy(reader, async (tx) => {
    const number = draft?.number ?? (await storeDraft(tx, reader, policy, reason ?? ''))
    await demandBase(tx, reader, base, number)
    if (draft) demandStatus(await loadVersion(tx, workspaceId, number), ['draft'], 'proposed')
    const { widens } = comparison
    const comparedWith = base?.number ?? null
    await judgePolicy(tx, { workspaceId, number, widens, comparedWith, at: nowOf(board) })
    return {
      action: 'policy.propose',
      number,
      payload: { hash: policy.hash, widens, comparedWith },
    }
  })
  return done.number
}
