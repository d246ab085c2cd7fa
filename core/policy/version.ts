import { findPolicyDocument } from '../../blackboard/query/findPolicyDocument.ts'
import { findPolicyForce } from '../../blackboard/query/findPolicyForce.ts'
import { listPolicyVersions } from '../../blackboard/query/listPolicyVersions.ts'
import type { PolicyVersionRow } from '../../blackboard/query/listPolicyVersions.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { NumberedPolicy } from '../activePolicies.ts'
import { fail } from '../errors.ts'
import type { PolicyStatus } from '../model/policyLife.ts'
import { approvalsNeeded } from '../model/policyLife.ts'
import type { Reader } from '../read/reader.ts'

/** @throws policy_unknown */
export async function loadVersion(
  handle: Handle,
  workspaceId: number,
  number: number,
): Promise<PolicyVersionRow> {
  const wanted = { workspaceId, before: null, numbers: [number], limit: 1 }
  const [row] = await listPolicyVersions(handle, wanted)
  if (row) return row
  throw fail('policy_unknown', { number })
}

/** @throws policy_not_ready unless the version is at one of the stations */
export function demandStatus(
  { number, status }: Pick<PolicyVersionRow, 'number' | 'status'>,
  allowed: readonly PolicyStatus[],
  wanted: string,
): void {
  if (allowed.includes(status)) return
  throw fail('policy_not_ready', { number, status, wanted, remedy: remedies[status] })
}

const remedies: Readonly<Record<PolicyStatus, string>> = {
  draft: 'Propose it first.',
  proposed: 'Have somebody else approve it first.',
  shadow: 'Have somebody else approve it first.',
  approved: 'Activate it, or withdraw it.',
  active: 'It is in force; roll back, or activate another.',
  retired: 'Propose its document as a new version.',
}

export const missingApprovals = ({
  widens,
  approvals,
}: Pick<PolicyVersionRow, 'widens' | 'approvals'>): number =>
  Math.max(0, approvalsNeeded(widens ?? true) - approvals.length)

/** @throws policy_needs_approvals */
export function demandApprovals(version: PolicyVersionRow): void {
  if (missingApprovals(version) === 0) return
  const { number, approvals, comparedWith } = version
  throw fail('policy_needs_approvals', {
    number,
    approvals: approvals.length,
    needed: approvalsNeeded(version.widens ?? true),
    why: version.widens ? `, since it permits more than version ${comparedWith ?? 0}` : '',
  })
}

/** The version that a new one would replace, as far as approvals count; null where none is active. */
export async function findBase({ board, principal }: Reader): Promise<NumberedPolicy | null> {
  const { workspaceId } = principal
  const [force] = await findPolicyForce(board.db.sql, { workspaceId, at: nowOf(board) })
  return force ? readPolicy(board.db.sql, workspaceId, force.base) : null
}

/** @throws policy_overtaken when another version is the base by now */
export async function demandBase(
  tx: Handle,
  { board, principal: { workspaceId } }: Reader,
  base: NumberedPolicy | null,
  number: number,
): Promise<void> {
  const [force] = await findPolicyForce(tx, { workspaceId, at: nowOf(board) })
  if ((force?.base ?? null) === (base?.number ?? null)) return
  throw fail('policy_overtaken', { active: force?.base ?? 0, number })
}

export async function readPolicy(
  handle: Handle,
  workspaceId: number,
  number: number,
): Promise<NumberedPolicy> {
  const [row] = await findPolicyDocument(handle, { workspaceId, number })
  if (!row) throw fail('policy_unknown', { number })
  return { number, policy: parsePolicy(row.document) }
}

export const nowOf = ({ clock }: Reader['board']): string => clock.now().toISOString()

export const authorOf = ({ principal }: Pick<Reader, 'principal'>): string =>
  `principal:${principal.id}`
