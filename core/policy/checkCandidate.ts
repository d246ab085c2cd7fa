import { listInstalled } from '../../blackboard/query/listInstalled.ts'
import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { acceptPolicy } from '../../policies/check.ts'
import { comparePolicies } from '../../policies/compare.ts'
import type { Comparison } from '../../policies/compare.ts'
import type { Policy } from '../../policies/document.ts'
import type { NumberedPolicy } from '../activePolicies.ts'
import { channelNames } from '../flow/channel/channel.ts'
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
 * Checks a document against the traits, purposes, agents and channels of the workspace. What the version in
 * force names may be named again, whether or not it is still there: an officer need not mend what nobody
 * touched.
 *
 * @throws policy_invalid with path, value and remedy
 */
export async function acceptCandidate(
  { board, principal: { workspaceId }, definitions }: Reader,
  document: unknown,
  base: NumberedPolicy | null,
): Promise<Policy> {
  const { sql } = board.db
  const [purposes, plugins] = await Promise.all([
    listPurposes(sql, { workspaceId }),
    listInstalled(sql, { workspaceId }),
  ])
  const rules = base?.policy.rules ?? []
  const limits = base?.policy.document.limits ?? []
  const known = traitsIn(base?.policy).filter((key) => !definitions.has(key))
  return acceptPolicy(document, {
    traits: [...definitions.values(), ...known.map(undefinedTrait)],
    purposes: [
      ...purposes.map(({ key }) => key),
      ...[...rules, ...limits].flatMap(({ purposes = [] }) => named(purposes)),
    ],
    agents: [
      ...plugins.flatMap(({ id, manifest }) => manifest.agents.map((agent) => `${id}/${agent.id}`)),
      ...rules.flatMap(({ agents = [] }) => named(agents)),
    ],
    channels: [
      ...channelNames,
      ...plugins.flatMap(({ manifest }) => manifest.channels),
      ...[...rules, ...limits].flatMap(({ channels = [] }) => named(channels)),
    ],
  })
}

/** Likewise, beside the version that is in force now. @throws policy_invalid */
export const parseCandidate = async (reader: Reader, document: unknown): Promise<Policy> =>
  acceptCandidate(reader, document, await findBase(reader))

const named = (names: readonly string[]): string[] => names.filter((each) => each !== '*')

const traitsIn = (policy: Policy | undefined): string[] => {
  const asked = (policy?.rules ?? []).flatMap(({ condition, fields = [] }) => [
    ...(condition === undefined ? [] : fieldsOf(condition).map((field) => field.split('.'))),
    ...fields.map((field) => field.split(':')),
  ])
  const keys = asked.flatMap(([root, key]) =>
    (root === 'traits' || root === 'trait') && key !== undefined ? [key] : [],
  )
  const zones = (policy?.document.limits ?? []).flatMap(
    ({ quietHours }) => quietHours?.timezoneTrait ?? [],
  )
  const hashed = (policy?.document.limits ?? []).flatMap(({ hash = [] }) =>
    hash.flatMap((pattern) => (pattern.startsWith('trait:') ? pattern.slice('trait:'.length) : [])),
  )
  return [...new Set([...keys, ...zones, ...hashed])]
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
