import type { TransactionSql } from 'postgres'
import { insertPolicyApproval } from '../../blackboard/query/insertPolicyApproval.ts'
import { judgePolicy } from '../../blackboard/query/judgePolicy.ts'
import { mendPolicyGlass } from '../../blackboard/query/mendPolicyGlass.ts'
import { movePolicy } from '../../blackboard/query/movePolicy.ts'
import type { PolicyVersionRow } from '../../blackboard/query/listPolicyVersions.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { approvePolicyInput } from '../model/policyLife.ts'
import type { PolicyStatus } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { checkCandidate } from './checkCandidate.ts'
import {
  authorOf,
  demandBase,
  demandStatus,
  loadVersion,
  missingApprovals,
  nowOf,
} from './version.ts'

const approvable: readonly PolicyStatus[] = ['proposed', 'shadow', 'approved']

/**
 * Approves a version that somebody else wrote. With the last approval that it needs it is approved; one that
 * is in force without its approvals stays in force by that.
 *
 * @throws forbidden, bad_input, policy_unknown, policy_not_ready, policy_own_approval,
 * policy_approved_before, policy_overtaken
 */
export async function approvePolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'approve', 'Policy')
  const { number, comment } = parseInput(approvePolicyInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const seen = await loadVersion(board.db.sql, workspaceId, number)
  demandApprovable(reader, seen)
  // What is approved is more than before by today's measure, not by that of the day it was proposed.
  const { base, comparison } = await checkCandidate(reader, seen.document)
  await changePolicy(reader, async (tx) => {
    const { author } = await loadApprovable(tx, reader, number)
    await demandBase(tx, reader, base, number)
    const at = nowOf(board)
    const approver = authorOf(reader)
    const args = { workspaceId, number, approver, author, at, comment: comment ?? null }
    const [added] = await insertPolicyApproval(tx, args)
    if (!added) throw fail('policy_approved_before', { number, approver })
    const comparedWith = base?.number ?? null
    await judgePolicy(tx, { workspaceId, number, widens: comparison.widens, comparedWith, at })
    const version = await loadVersion(tx, workspaceId, number)
    const isComplete = missingApprovals(version) === 0
    if (isComplete) await settle(tx, reader, version)
    return {
      action: 'policy.approve',
      number,
      payload: { hash: version.documentSha256, complete: isComplete },
    }
  })
  return number
}

function demandApprovable(reader: Reader, version: PolicyVersionRow): void {
  const { number, author, status, breakGlassUntil, approvals } = version
  const isUnapproved = status === 'active' && breakGlassUntil !== null
  if (!isUnapproved) demandStatus(version, approvable, 'approved')
  const approver = authorOf(reader)
  if (author === approver) throw fail('policy_own_approval', { number, author })
  if (approvals.some((each) => each.approver === approver)) {
    throw fail('policy_approved_before', { number, approver })
  }
}

async function loadApprovable(
  tx: TransactionSql,
  reader: Reader,
  number: number,
): Promise<PolicyVersionRow> {
  const version = await loadVersion(tx, reader.principal.workspaceId, number)
  demandApprovable(reader, version)
  return version
}

async function settle(
  tx: TransactionSql,
  { board, principal: { workspaceId } }: Reader,
  { number, status }: PolicyVersionRow,
): Promise<void> {
  if (status === 'active') await mendPolicyGlass(tx, { workspaceId, number })
  else if (status !== 'approved') {
    await movePolicy(tx, { workspaceId, number, status: 'approved', at: nowOf(board) })
  }
}
