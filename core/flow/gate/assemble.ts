import type { GateRow } from '../../../blackboard/query/claimProposed.ts'
import { listNoticeVersions } from '../../../blackboard/query/listNoticeVersions.ts'
import { listPurposes } from '../../../blackboard/query/listPurposes.ts'
import { loadSubjects, type SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import { captureInputs, settingOf, type Setting } from './capture.ts'
import { countFor, type ContactBook } from './contacts.ts'
import { openPurse, type Purse } from './purse.ts'
import type { Handle } from '../../../blackboard/statement.ts'
import { definitionFor, endOfGrant } from '../../../policies/guard.ts'
import type { PurposeDefinition } from '../../../policies/guard.ts'
import type { Policy } from '../../../policies/document.ts'
import { limitsFor } from '../../../policies/limit.ts'
import type { Who } from '../../../policies/vocabulary.ts'
import type { ActivePolicies, ActivePolicy, NumberedPolicy } from '../../activePolicies.ts'
import type { Board } from '../../board.ts'
import { SlateboardError } from '../../errors.ts'
import { youngest } from '../../model/age.ts'
import type { LawfulBasis } from '../../model/consent.ts'
import { lawfulBases } from '../../model/consent.ts'
import type { DecisionInputs } from '../../model/decisionInputs.ts'
import type { JsonObject } from '../../model/json.ts'
import { floorsOf, isOutdated, type NoticeFloors } from '../../model/notice.ts'
import { roleSchema } from '../../model/principal.ts'
import { isExpired, isSettled, type Provenance } from '../../model/trait.ts'
import type { Channels } from '../channel/channel.ts'
import type { Definitions } from '../classify.ts'
import type { DefinitionCache } from '../definitions.ts'
import type { Crew } from '../react/reaction.ts'
import type { GateInput, ManifestGrant, MemberConsent } from './input.ts'

export interface GateDeps {
  board: Board
  policies: ActivePolicies
  definitions: DefinitionCache
  crew: Crew
  channels: Channels
}

/** The rules of a workspace, as they stood when its activations were looked at. */
export interface Rules {
  workspaceId: number
  active: ActivePolicy | null
  definitions: Definitions
}

/** What decisions about one workspace's activations rest on. */
export interface Assembly {
  rules: Rules
  subjects: ReadonlyMap<string, SubjectRow>
  contacts: ContactBook
  purse: Purse
  /** What its decisions have in common. */
  setting: Setting
  inputOf(row: GateRow, subject: SubjectRow): GateInput
  /** What is kept of an input, for its decision to be made again. */
  inputsOf(row: GateRow, subject: SubjectRow, input: GateInput): DecisionInputs
}

/**
 * Reads the rules. Not to be called inside a transaction: it reads on a connection of its own, and the
 * embedded engine has one.
 */
export async function rulesOf(deps: GateDeps, workspaceId: number): Promise<Rules> {
  const [active, definitions] = await Promise.all([
    activePolicy(deps, workspaceId),
    deps.definitions.of(workspaceId),
  ])
  return { workspaceId, active, definitions }
}

/**
 * Loads persons for activations of one workspace, in the caller's transaction.
 *
 * @param asOf the instant at which the hours of caps end, when it is not now
 */
export async function assemble<Row extends GateRow>(
  handle: Handle,
  deps: GateDeps,
  rules: Rules,
  rows: readonly Row[],
  asOf?: (row: Row) => Date,
): Promise<Assembly> {
  const { workspaceId, active, definitions } = rules
  const ids = [...new Set(rows.map(({ profileId }) => profileId))]
  const [subjects, purposes, versions] = await Promise.all([
    loadSubjects(handle, { workspaceId, ids }),
    listPurposes(handle, { workspaceId }),
    listNoticeVersions(handle, { workspaceId }),
  ])
  const notices = floorsOf(versions)
  const now = deps.board.clock.now()
  const persons = new Map(subjects.map((subject) => [subject.profileId, subject]))
  const standing = { subjects: persons, now, ...(asOf ? { asOf } : {}) }
  const [contacts, purse] = await Promise.all([
    countFor(handle, active?.policy, rows, standing),
    openPurse(handle, workspaceId, rows, now),
  ])
  const setting = settingOf({ purposes, channels: deps.channels.facts }, versions)
  return {
    rules,
    subjects: persons,
    contacts,
    purse,
    setting,
    inputsOf: (row, subject, input) =>
      captureInputs({
        row,
        subject,
        input,
        setting,
        policy: active?.policy ?? null,
        plugin: row.proposerKind === 'agent' ? (agentOf(deps, row)?.digest ?? null) : null,
      }),
    inputOf: (row, subject) => ({
      now,
      request: requestOf(row),
      killSwitches: {
        workspacePaused: purposes.some(({ paused }) => paused),
        pluginPaused: row.proposerKind === 'agent' && agentOf(deps, row) === undefined,
        channelPaused: false,
        proposerRevoked:
          row.proposerKind === 'principal' && !roleSchema.safeParse(row.role).success,
      },
      channels: deps.channels.facts,
      purposes,
      grant: grantOf(deps, row),
      subject: standingOf(subject),
      consents: subject.consents.map((each) => consentOf(each, purposes, notices)),
      traits: traitsOf(definitions, row, subject),
      row: {
        traits: currentTraits(subject, now),
        createdAt: subject.createdAt,
        updatedAt: subject.updatedAt,
      },
      policy: active && { number: active.number, ability: abilityOf(deps, active, row) },
      limits: limitsOf(active, row),
      contacts: contacts.of(row),
      left: purse.leftFor(row),
      writtenAt: writtenAtOf(row, subject),
      approval: row.approval && { ...row.approval, at: new Date(row.approval.at) },
    }),
  }
}

/** Null when none is active: the gate then refuses, and says so in the decision. */
async function activePolicy(
  { policies }: GateDeps,
  workspaceId: number,
): Promise<ActivePolicy | null> {
  try {
    return await policies.of(workspaceId)
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'no_active_policy') return null
    throw thrown
  }
}

export const requestOf = (
  row: Omit<
    GateRow,
    'workspaceId' | 'id' | 'profileId' | 'attempts' | 'approval' | 'role' | 'name'
  >,
): GateInput['request'] => ({
  purpose: row.purpose,
  channel: row.channel,
  destination: row.destination,
  fields: row.fields,
  requires: row.requires,
  risk: row.risk ?? 0,
  cost: row.cost,
  contentKeys: Object.keys(row.content),
  proposer: { kind: row.proposerKind, id: row.proposerId },
})

const agentOf = ({ crew }: GateDeps, { workspaceId, proposerId, profileId }: GateRow) =>
  crew.find(workspaceId, proposerId, profileId)

function grantOf(deps: GateDeps, row: GateRow): ManifestGrant | null {
  if (row.proposerKind === 'principal') return null
  return { proposes: agentOf(deps, row)?.manifest.proposes ?? [] }
}

export const limitsOf = (
  active: { policy: Policy } | null,
  { purpose, channel }: Pick<GateRow, 'purpose' | 'channel'>,
): GateInput['limits'] => (active === null ? [] : limitsFor(active.policy, purpose, channel))

function writtenAtOf({ fields }: GateRow, { provenance }: SubjectRow): GateInput['writtenAt'] {
  const written: Record<string, Date> = Object.create(null)
  for (const key of fields) {
    const made = Object.hasOwn(provenance, key) ? provenance[key] : undefined
    if (made !== undefined) written[key] = new Date(made.writtenAt)
  }
  return written
}

/** A revoked principal has no role; the ability made here answers for nobody, so that its checks fail too. */
export const abilityOf = ({ policies }: GateDeps, { policy }: NumberedPolicy, row: GateRow) =>
  policies.ability(policy, whoOf(row), [row.purpose])

type Proposer = Pick<GateRow, 'proposerKind' | 'proposerId' | 'role' | 'name'>

export function whoOf(row: Proposer): Who {
  const role = roleSchema.safeParse(row.role)
  return row.proposerKind === 'principal' && role.success
    ? { kind: 'principal', role: role.data, ...askerOf(row) }
    : { kind: 'agent', id: row.proposerKind === 'agent' ? row.proposerId : 'revoked' }
}

const askerOf = ({ proposerId, name }: Proposer) =>
  name === null ? { id: proposerId } : { id: proposerId, name }

/** One person's standing out of that of every profile that counts as them: the strictest word holds. */
export function standingOf({
  members,
  mergedAt,
  legal,
}: Pick<SubjectRow, 'members' | 'mergedAt' | 'legal'>): GateInput['subject'] {
  const erased = legal.map(({ erasedAt }) => erasedAt).find((at) => at !== null)
  return {
    profileIds: members,
    mergedAt,
    erasedAt: erased === undefined || erased === null ? null : new Date(erased),
    restricted: legal.some(({ restricted }) => restricted),
    legalHold: legal.some(({ legalHold }) => legalHold),
    objections: [...new Set(legal.flatMap(({ objections }) => objections))],
    gpc: legal.some(({ gpc }) => gpc),
    minorBand: youngest(legal.map(({ minorBand }) => minorBand)),
    jurisdiction: placeOf(legal),
    holds: legal.flatMap(({ holds }) => holds),
  }
}

/**
 * None where members were placed apart, as readers and agents have it: who may be in either of two places is under
 * the strictest law, and no rule about one of them permits.
 */
function placeOf(legal: SubjectRow['legal']): string | null {
  const places = new Set(legal.flatMap(({ jurisdiction }) => jurisdiction ?? []))
  const [only] = places
  return places.size === 1 && only !== undefined ? only : null
}

/** As it counts now: no grant lasts longer than its purpose lets it, whatever that was when it was given. */
export function consentOf(
  { noticeId, noticeVersion, ...row }: SubjectRow['consents'][number],
  purposes: readonly PurposeDefinition[],
  notices: NoticeFloors,
): MemberConsent {
  const collectedAt = new Date(row.collectedAt)
  const expiresAt = row.expiresAt === null ? null : new Date(row.expiresAt)
  const definition = definitionFor(row.purpose, purposes)
  const isGrant = row.decision === 'granted'
  return {
    ...row,
    basis: basisOf(row.basis),
    collectedAt,
    expiresAt:
      isGrant && definition ? endOfGrant(definition, { collectedAt, expiresAt }) : expiresAt,
    isOutdated: isGrant && isOutdated(notices, noticeId, noticeVersion),
  }
}

export const basisOf = (text: string): LawfulBasis =>
  lawfulBases.find((basis) => basis === text) ?? 'consent'

/**
 * A value that was sealed because it looked personal, under a definition that does not say so, is taken for
 * sensitive: no rule about the definition's class can be trusted to be about this value.
 */
const traitsOf = (
  definitions: Definitions,
  { fields, content }: GateRow,
  { provenance }: SubjectRow,
): GateInput['traits'] =>
  [...fields, ...Object.keys(content)].flatMap((key) => {
    const definition = definitions.get(key)
    if (!definition) return []
    const made = Object.hasOwn(provenance, key) ? provenance[key] : undefined
    return made === undefined || isSettled(made, definition)
      ? definition
      : { ...definition, dataClass: 'sensitive' as const }
  })

/** The open traits that have not expired. */
export function currentTraits({ traits, provenance }: SubjectRow, now: Date): JsonObject {
  const current: JsonObject = Object.create(null)
  for (const [key, value] of Object.entries(traits)) {
    const made = Object.hasOwn(provenance, key) ? provenance[key] : undefined
    if (value !== undefined && isCurrent(made, now)) current[key] = value
  }
  return current
}

/** False for a trait that was removed or has expired. */
export const isCurrent = (made: Provenance | undefined, now: Date): boolean =>
  made === undefined || (!made.removed && !isExpired(made, now))
