import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { comparePolicies } from '../../policies/compare.ts'
import type { Comparison } from '../../policies/compare.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { Policy } from '../../policies/document.ts'
import type { NumberedPolicy } from '../activePolicies.ts'
import type { Reader } from '../read/reader.ts'
import { demandGreen, testPolicy } from './testPolicy.ts'
import type { TestReport } from './testPolicy.ts'
import { findBase } from './version.ts'

/** A policy that may come into force, judged as of now. */
export interface Candidate {
  policy: Policy
  /** What it would replace, and was compared with. */
  base: NumberedPolicy | null
  comparison: Comparison
}

/** @throws policy_invalid with path, value and remedy */
export const parseCandidate = (reader: Reader, document: unknown): Policy =>
  parsePolicy(document, [...reader.definitions.values()])

/**
 * Checks a document against what the workspace knows, and compares it with what it would replace.
 *
 * @throws policy_invalid, policy_tests_failed
 */
export async function checkCandidate(reader: Reader, document: unknown): Promise<Candidate> {
  const policy = parseCandidate(reader, document)
  demandGreen(await testCandidate(reader, policy))
  const base = await findBase(reader)
  return { policy, base, comparison: comparePolicies(base?.policy ?? null, policy) }
}

/** Runs the tests of a policy under the purposes of the workspace. @throws bad_input for too many cells */
export async function testCandidate(
  { board, principal: { workspaceId } }: Reader,
  policy: Policy,
): Promise<TestReport> {
  return testPolicy(policy, { purposes: await listPurposes(board.db.sql, { workspaceId }) })
}
