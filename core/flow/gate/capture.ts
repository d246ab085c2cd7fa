/**
 * What a decision was made from, in the form in which it is kept (core/explain/replay.ts makes the decision again
 * from it).
 */
import { hash as digest } from 'node:crypto'
import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import type { Policy } from '../../../policies/document.ts'
import { canonical } from '../../audit/chain.ts'
import { fieldsOf } from '../../model/condition.ts'
import type { DecisionInputs } from '../../model/decisionInputs.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { NoticeVersion } from '../../model/notice.ts'
import { roleSchema } from '../../model/principal.ts'
import type { GateInput } from './input.ts'

/** What decisions have in common, and the hash that they name it by. */
export interface Setting {
  readonly hash: string
  readonly content: string
}

export function settingOf(
  { purposes, channels }: Pick<GateInput, 'purposes' | 'channels'>,
  notices: readonly NoticeVersion[],
): Setting {
  const content = canonical(asJson({ purposes, channels, notices }))
  return { content, hash: hashOfSetting(content) }
}

/**
 * Goes into the audit log with the decision. Of the canonical form (RFC 8785), since the database keeps no text as it
 * was: 8 µs a decision, of which hashing is one.
 */
export const digestOfInputs = (inputs: Json): string => digest('sha256', canonical(inputs), 'hex')

/** Of the canonical text. */
export const hashOfSetting = (content: string): string => digest('sha256', content, 'hex')

interface Captured {
  readonly row: GateRow
  readonly subject: SubjectRow
  readonly input: GateInput
  readonly setting: Setting
  readonly policy: Policy | null
  /** Of the agent that proposed. */
  readonly plugin: string | null
}

export function captureInputs({
  row,
  subject,
  input,
  setting,
  policy,
  plugin,
}: Captured): DecisionInputs {
  const { members } = subject
  const role = roleSchema.safeParse(row.role)
  return {
    v: 1,
    at: input.now.toISOString(),
    setting: setting.hash,
    role: role.success ? role.data : null,
    plugin,
    stopped: switches.filter((name) => input.killSwitches[name]),
    members,
    mergedAt: subject.mergedAt?.toISOString() ?? null,
    legal: subject.legal.map(({ profileId, version }) => [members.indexOf(profileId), version]),
    consents: subject.consents.map(({ profileId, id }) => [members.indexOf(profileId), id]),
    traits: input.traits.map(({ key, version = null, dataClass, purposes, specialBy = [] }) => ({
      key,
      version,
      dataClass,
      purposes,
      ...(specialBy.length === 0 ? {} : { specialBy: [...specialBy] }),
    })),
    asked: policy === null ? {} : askedOf(policy, input.row.traits),
    createdAt: subject.createdAt.toISOString(),
    updatedAt: subject.updatedAt.toISOString(),
    writtenAt: mapped(input.writtenAt, (at) => at.toISOString()),
    contacts: mapped(input.contacts, ({ sent }) => sent),
    ...(input.request.cost === null ? {} : { left: input.left }),
    approval: input.approval?.id ?? null,
  }
}

const switches = ['workspacePaused', 'pluginPaused', 'channelPaused', 'proposerRevoked'] as const

const mapped = <From, To>(
  from: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value)]))

/** The values that the gate asks for: by conditions on activations and fields sent, and by quiet hours. */
function askedOf(policy: Policy, traits: GateInput['row']['traits']): JsonObject {
  const values: JsonObject = {}
  for (const key of askedBy(policy)) {
    const value: unknown = Object.hasOwn(traits, key) ? traits[key] : undefined
    if (value !== undefined) values[key] = asJson(value)
  }
  return values
}

/** A row's traits are JSON; it is the rows of policies' tests that may hold anything. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))

const asked = new WeakMap<Policy, readonly string[]>()

function askedBy(policy: Policy): readonly string[] {
  const known = asked.get(policy)
  if (known !== undefined) return known
  const fields = policy.rules
    .filter(({ action }) => action === 'activate' || action === 'send')
    .flatMap(({ condition }) => (condition === undefined ? [] : fieldsOf(condition)))
  const ofRules = fields.flatMap((field) => {
    const [root, key] = field.split('.')
    return root === 'traits' && key !== undefined ? [key] : []
  })
  const ofLimits = (policy.document.limits ?? []).flatMap(
    ({ quietHours }) => quietHours?.timezoneTrait ?? [],
  )
  const keys = [...new Set([...ofRules, ...ofLimits])].toSorted()
  asked.set(policy, keys)
  return keys
}
