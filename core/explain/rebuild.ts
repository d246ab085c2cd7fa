import type { DecisionRecord } from '../../blackboard/query/findDecisionRecord.ts'
import type { SubjectRow } from '../../blackboard/query/loadSubjects.ts'
import { compileAbility } from '../../policies/ability.ts'
import type { Policy } from '../../policies/document.ts'
import { canonical } from '../audit/chain.ts'
import { consentOf, limitsOf, requestOf, standingOf, whoOf } from '../flow/gate/assemble.ts'
import { hashOfSetting } from '../flow/gate/capture.ts'
import type { GateInput } from '../flow/gate/input.ts'
import type { DecisionInputs, DecisionSetting } from '../model/decisionInputs.ts'
import { decisionSettingSchema } from '../model/decisionInputs.ts'
import type { Json } from '../model/json.ts'
import { floorsOf } from '../model/notice.ts'
import type { Evidence } from './evidence.ts'
import type { Scenario } from './scenario.ts'

/** A stored part that is not what the decision names: another content, or none. */
export interface Mismatch {
  readonly where: string
  readonly recorded: string
  readonly found: string
}

/** Puts together what was decided about, out of stored versions; or tells which of them are not what they were. */
export function rebuild(
  record: DecisionRecord,
  evidence: Evidence,
): Scenario | readonly Mismatch[] {
  const { inputs, policy, grant, approval } = evidence
  const mismatches = mismatchesOf(record, evidence)
  const setting = readSetting(evidence.setting)
  const isWhole =
    policy !== undefined && setting !== undefined && grant !== undefined && approval !== undefined
  if (mismatches.length > 0 || !isWhole) return mismatches
  const { now, ...times } = timesOf(inputs)
  const notices = floorsOf(setting.notices ?? [])
  return {
    policy,
    input: {
      now,
      request: requestOf({ ...record, content: contentOf(record) }),
      killSwitches: switchesOf(inputs),
      channels: setting.channels,
      purposes: setting.purposes,
      grant,
      subject: standingOf({ ...inputs, mergedAt: times.mergedAt, legal: legalOf(evidence) }),
      consents: consentsOf(evidence).map((each) => consentOf(each, setting.purposes, notices)),
      traits: inputs.traits.map(({ specialBy, ...trait }) => ({
        ...trait,
        version: trait.version ?? 0,
        owner: null,
        ...(specialBy === undefined ? {} : { specialBy }),
      })),
      row: { traits: inputs.asked, createdAt: times.createdAt, updatedAt: times.updatedAt },
      policy: policy && {
        number: record.policyNumber ?? 0,
        ability: abilityOf(policy, record, inputs),
      },
      limits: limitsOf(policy && { policy }, record),
      contacts: mapped(inputs.contacts, (sent) => ({ sent })),
      left: inputs.left ?? null,
      writtenAt: mapped(inputs.writtenAt, (at) => new Date(at)),
      approval,
    },
  }
}

/** Every part that is not there, or whose content has another hash than the decision recorded. */
function mismatchesOf(record: DecisionRecord, evidence: Evidence): Mismatch[] {
  const { inputs, policy, setting, consents, grant, approval } = evidence
  const lacking = (where: string, recorded: string): Mismatch => ({
    where,
    recorded,
    found: 'nothing',
  })
  const hash = setting === undefined ? undefined : hashOfSetting(canonical(setting))
  const known = new Set(consents.map(({ id }) => id))
  return [
    ...(policy === undefined ? [lacking('policy', String(record.policyNumber))] : []),
    ...(policy && policy.hash !== record.policyHash
      ? [{ where: 'policy', recorded: record.policyHash ?? 'none', found: policy.hash }]
      : []),
    ...(hash === inputs.setting
      ? []
      : [{ where: 'setting', recorded: inputs.setting, found: hash ?? 'nothing' }]),
    ...inputs.consents.flatMap(([, id]) => (known.has(id) ? [] : lacking('consent', id))),
    ...(grant === undefined ? [lacking('manifest', inputs.plugin ?? '')] : []),
    ...(approval === undefined ? [lacking('approval', inputs.approval ?? '')] : []),
  ]
}

function readSetting(content: Json | undefined): DecisionSetting | undefined {
  return decisionSettingSchema.safeParse(content).data
}

function timesOf({ at, mergedAt, createdAt, updatedAt }: DecisionInputs) {
  return {
    now: new Date(at),
    mergedAt: mergedAt === null ? null : new Date(mergedAt),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  }
}

function switchesOf({ stopped }: DecisionInputs): GateInput['killSwitches'] {
  return {
    workspacePaused: stopped.includes('workspacePaused'),
    pluginPaused: stopped.includes('pluginPaused'),
    channelPaused: stopped.includes('channelPaused'),
    proposerRevoked: stopped.includes('proposerRevoked'),
  }
}

/** In the order in which they were looked at, which is that of the evidence. */
function legalOf({ inputs, legal }: Evidence): SubjectRow['legal'] {
  const known = new Map(legal.map((row) => [row.profileId, row]))
  return inputs.legal.map(([at, version]) => {
    const profileId = inputs.members[at] ?? ''
    return known.get(profileId) ?? { ...unburdened, profileId, version }
  })
}

const unburdened = {
  restricted: false,
  legalHold: false,
  objections: [],
  holds: [],
  gpc: false,
  minorBand: null,
  jurisdiction: null,
  erasedAt: null,
}

function consentsOf({ inputs, consents }: Evidence): SubjectRow['consents'] {
  const known = new Map(consents.map((row) => [row.id, row]))
  return inputs.consents.flatMap(([, id]) => known.get(id) ?? [])
}

/** The names of the members, in the order in which an object has them; their values are nobody's business here. */
const contentOf = ({ contentKeys }: DecisionRecord) =>
  Object.fromEntries(contentKeys.map((key) => [key, null]))

const abilityOf = (policy: Policy, record: DecisionRecord, { role, at }: DecisionInputs) =>
  compileAbility(
    policy,
    whoOf({ ...record, role, name: role === null ? null : record.name }),
    [record.purpose],
    () => {},
    new Date(at),
  )

const mapped = <From, To>(
  from: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value)]))
