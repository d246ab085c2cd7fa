import { findApproval } from '../../blackboard/query/findApproval.ts'
import type { DecisionRecord } from '../../blackboard/query/findDecisionRecord.ts'
import { findManifest } from '../../blackboard/query/findManifest.ts'
import { findPolicyDocument } from '../../blackboard/query/findPolicyDocument.ts'
import { findSetting } from '../../blackboard/query/findSetting.ts'
import { listConsentEvents } from '../../blackboard/query/listConsentEvents.ts'
import { listLegalVersions } from '../../blackboard/query/listLegalVersions.ts'
import type { SubjectRow } from '../../blackboard/query/loadSubjects.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { Policy } from '../../policies/document.ts'
import type { Board } from '../board.ts'
import { SlateboardError } from '../errors.ts'
import type { Approval, ManifestGrant } from '../flow/gate/input.ts'
import { decisionInputsSchema } from '../model/decisionInputs.ts'
import type { DecisionInputs } from '../model/decisionInputs.ts'
import type { Json } from '../model/json.ts'
import { manifestSchema } from '../model/manifest.ts'

/** What a decision was made from, as it stands in the store: each part found under its version, or not. */
export interface Evidence {
  readonly inputs: DecisionInputs
  /** Null where none was in force; undefined when it is not there or cannot be read any more. */
  readonly policy: Policy | null | undefined
  readonly setting: Json | undefined
  readonly consents: readonly SubjectRow['consents'][number][]
  readonly legal: readonly SubjectRow['legal'][number][]
  /** Null where there is none; undefined when the version is gone. */
  readonly grant: ManifestGrant | null | undefined
  readonly approval: Approval | null | undefined
}

/** Why a decision cannot be made again. */
export type Obstacle = 'recorded_before_inputs' | 'erased' | 'inputs_unreadable'

export function readInputs({ inputs, isErased }: DecisionRecord): DecisionInputs | Obstacle {
  if (inputs === null) return isErased ? 'erased' : 'recorded_before_inputs'
  const parsed = decisionInputsSchema.safeParse(inputs)
  return parsed.success ? parsed.data : 'inputs_unreadable'
}

/** The stored versions, by the ids that the decision names. */
export async function loadEvidence(
  board: Board,
  workspaceId: number,
  record: DecisionRecord,
  inputs: DecisionInputs,
): Promise<Evidence> {
  const { sql } = board.db
  const { members } = inputs
  const memberOf = (at: number): string => members[at] ?? ''
  const legalKeys = inputs.legal.map(([at, version]) => ({ profileId: memberOf(at), version }))
  const [policy, [setting], consents, legal, grant, approval] = await Promise.all([
    loadPolicy(board, workspaceId, record),
    findSetting(sql, { workspaceId, hash: inputs.setting }),
    listConsentEvents(sql, {
      workspaceId,
      profileIds: members,
      ids: inputs.consents.map(([, id]) => id),
    }),
    listLegalVersions(sql, { workspaceId, keys: JSON.stringify(legalKeys) }),
    loadGrant(board, workspaceId, record, inputs),
    loadApproval(board, workspaceId, record, inputs),
  ])
  return { inputs, policy, setting: setting?.content, consents, legal, grant, approval }
}

/** The version in force by its number; one that today's rules for documents do not take counts as not there. */
export async function loadPolicy(
  { db }: Board,
  workspaceId: number,
  { policyNumber }: Pick<DecisionRecord, 'policyNumber'>,
): Promise<Policy | null | undefined> {
  if (policyNumber === null) return null
  const [row] = await findPolicyDocument(db.sql, { workspaceId, number: policyNumber })
  try {
    return row && parsePolicy(row.document)
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'policy_invalid') return undefined
    throw thrown
  }
}

async function loadGrant(
  { db }: Board,
  workspaceId: number,
  { proposerKind, proposerId }: DecisionRecord,
  { plugin }: DecisionInputs,
): Promise<ManifestGrant | null | undefined> {
  if (proposerKind === 'principal') return null
  if (plugin === null) return { proposes: [] }
  const [id = '', agent] = proposerId.split('/')
  const [row] = await findManifest(db.sql, { workspaceId, id, digest: plugin })
  const manifest = manifestSchema.safeParse(row?.manifest)
  const found = manifest.data?.agents.find((each) => each.id === agent)
  return found && { proposes: found.proposes }
}

async function loadApproval(
  { db }: Board,
  workspaceId: number,
  { profileId, activationId }: DecisionRecord,
  { approval }: DecisionInputs,
): Promise<Approval | null | undefined> {
  if (approval === null) return null
  const [row] = await findApproval(db.sql, { workspaceId, profileId, activationId, id: approval })
  return row
}
