import { acceptPolicy } from '../../policies/check.ts'
import { diffPolicies } from '../../policies/diff.ts'
import type { PolicyDiff } from '../../policies/diff.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { PolicyVersionView } from '../read/listPolicyVersions.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { parseCandidate, testCandidate } from './checkCandidate.ts'
import { testPolicy } from './testPolicy.ts'
import type { TestReport } from './testPolicy.ts'
import { findBase, readPolicy } from './version.ts'

export type { PolicyDiff } from '../../policies/diff.ts'
export { demandGreen } from './testPolicy.ts'
export type { TestFailure, TestReport } from './testPolicy.ts'

type Version = Pick<PolicyVersionView, 'document' | 'status' | 'previous'>

/**
 * What a version changes, in words: against the one named, else against what it replaced when it came into
 * force, else against the one in force. @throws forbidden, policy_unknown
 */
export async function diffVersion(
  reader: Reader,
  { document, status, previous }: Version,
  against: number | null,
): Promise<PolicyDiff> {
  demand(reader, 'read', 'Policy')
  const after = parsePolicy(document)
  const was = against ?? (status === 'active' || status === 'retired' ? previous : null)
  const { board, principal } = reader
  if (was !== null) {
    const before = await readPolicy(board.db.sql, principal.workspaceId, was)
    return diffPolicies(before.policy, after)
  }
  const base = status === 'active' ? null : await findBase(reader)
  return diffPolicies(base?.policy ?? null, after)
}

/** How the tests of a version come out today. @throws forbidden */
export function testVersion(
  reader: Reader,
  { document }: Pick<Version, 'document'>,
): Promise<TestReport> {
  demand(reader, 'read', 'Policy')
  return testCandidate(reader, parsePolicy(document))
}

/**
 * Runs the tests of a document by itself, under the purposes that a workspace starts with.
 *
 * @throws policy_invalid, bad_input for more combinations than can be looked at
 */
export const testDocument = (document: unknown): TestReport => testPolicy(acceptPolicy(document))

/** What proposing a document would find, without storing anything. */
export interface PolicyReport {
  title: string
  rules: number
  hash: string
  tests: TestReport
  diff: PolicyDiff
}

/** @throws forbidden, policy_invalid with path, value and remedy, policy_unknown */
export async function reportPolicy(
  reader: Reader,
  document: unknown,
  against: number | null,
): Promise<PolicyReport> {
  demand(reader, 'read', 'Policy')
  const policy = await parseCandidate(reader, document)
  const { board, principal } = reader
  const before =
    against === null
      ? await findBase(reader)
      : await readPolicy(board.db.sql, principal.workspaceId, against)
  return {
    title: policy.document.title,
    rules: policy.rules.length,
    hash: policy.hash,
    tests: await testCandidate(reader, policy),
    diff: diffPolicies(before?.policy ?? null, policy),
  }
}
