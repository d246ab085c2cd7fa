import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { acceptPolicy } from '../../policies/check.ts'
import { comparePolicies } from '../../policies/compare.ts'
import type { Comparison } from '../../policies/compare.ts'
import type { Policy } from '../../policies/document.ts'
import type { NumberedPolicy } from '../activePolicies.ts'
import { fieldsOf } from '../model/condition.ts'
import type { TraitDefinition } from '../model/trait.ts'
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

/**
 * Checks a document against what the workspace knows, runs its tests and compares it with what it would
 * replace.
 *
 * @throws policy_invalid with path, value and remedy, policy_tests_failed
 */
export async function checkCandidate(reader: Reader, document: unknown): Promise<Candidate> {
  const base = await findBase(reader)
  const policy = await acceptCandidate(reader, document, base)
  demandGreen(await testCandidate(reader, policy))
  return { policy, base, comparison: comparePolicies(base?.policy ?? null, policy) }
}

/**
 * Checks a document against the traits and purposes of the workspace. A trait that the version in force asks
 * for may be asked for again, whether or not anybody has defined it since.
 *
 * @throws policy_invalid with path, value and remedy
 */
export async function acceptCandidate(
  { board, principal: { workspaceId }, definitions }: Reader,
  document: unknown,
  base: NumberedPolicy | null,
): Promise<Policy> {
  const purposes = await listPurposes(board.db.sql, { workspaceId })
  const known = traitsIn(base?.policy).filter((key) => !definitions.has(key))
  return acceptPolicy(document, {
    traits: [...definitions.values(), ...known.map(undefinedTrait)],
    purposes: purposes.map(({ key }) => key),
  })
}

/** Likewise, beside the version that is in force now. @throws policy_invalid */
export const parseCandidate = async (reader: Reader, document: unknown): Promise<Policy> =>
  acceptCandidate(reader, document, await findBase(reader))

const traitsIn = (policy: Policy | undefined): string[] => {
  const asked = (policy?.rules ?? []).flatMap(({ condition, fields = [] }) => [
    ...(condition === undefined ? [] : fieldsOf(condition).map((field) => field.split('.'))),
    ...fields.map((field) => field.split(':')),
  ])
  const keys = asked.flatMap(([root, key]) =>
    (root === 'traits' || root === 'trait') && key !== undefined ? [key] : [],
  )
  return [...new Set(keys)]
}

const undefinedTrait = (key: string): TraitDefinition => ({
  key,
  dataClass: 'none',
  purposes: [],
  owner: null,
})

/** Runs the tests of a policy under the purposes of the workspace. @throws bad_input for too many cells */
export async function testCandidate(
  { board, principal: { workspaceId } }: Reader,
  policy: Policy,
): Promise<TestReport> {
  return testPolicy(policy, { purposes: await listPurposes(board.db.sql, { workspaceId }) })
}
