import { adultAge } from '../model/age.ts'
import type { Condition, Scalar } from '../model/condition.ts'
import { checkNames } from '../model/decision.ts'
import type { Check, CheckName } from '../model/decision.ts'
import { boundariesOf } from '../../policies/window.ts'
import * as change from './change.ts'
import type { Change } from './change.ts'
import type { Scenario } from './scenario.ts'

/** What might make one check pass. Each is tried before anything is said of it, so one too many does no harm. */
type Candidates = (scenario: Scenario, check: Check) => readonly (Change | undefined)[]

const hourMs = 3_600_000
const timesMax = 4
const conditionsMax = 12

const traitsOf = ({ evidence }: Check): string[] =>
  evidence.flatMap((each) => (each.startsWith('trait:') ? [each.slice('trait:'.length)] : []))

const otherChannels = ({ input: { channels, request } }: Scenario): Change[] =>
  Object.keys(channels)
    .filter((channel) => channel !== request.channel)
    .map(change.useChannel)

const dropFields = (check: Check): Change[] => traitsOf(check).map(change.dropField)

function forRequest(scenario: Scenario, check: Check): Change[] {
  const { purpose } = scenario.input.request
  if (check.reason === 'destination_required') {
    return [change.giveDestination, ...otherChannels(scenario)]
  }
  if (check.reason === 'channel_unknown') return otherChannels(scenario)
  const traits = traitsOf(check)
  return [...dropFields(check), ...traits.map((trait) => change.registerTrait(trait, purpose))]
}

function forKillSwitch({ input: { request, killSwitches } }: Scenario): Change[] {
  const { workspacePaused, pluginPaused, channelPaused, proposerRevoked } = killSwitches
  return [
    ...(workspacePaused ? [change.resumeWorkspace] : []),
    ...(pluginPaused ? [change.resumePlugin(request.proposer.id)] : []),
    ...(channelPaused ? [change.resumeChannel(request.channel)] : []),
    ...(proposerRevoked ? [change.renewKey] : []),
  ]
}

const forManifest = (scenario: Scenario): Change[] => [
  ...scenario.input.request.fields.map(change.dropField),
  ...otherChannels(scenario),
  change.declareInManifest(scenario),
]

function forRestriction({ input: { subject, request } }: Scenario): Change[] {
  return [
    ...(subject.restricted ? [change.setRestricted(false)] : []),
    ...(subject.legalHold ? [change.liftLegalHold] : []),
    ...subject.holds
      .filter(({ purpose }) => change.isAbout(purpose, request.purpose))
      .map(change.releaseHold),
  ]
}

function forSpecialCategory(scenario: Scenario, check: Check): Change[] {
  const { purpose, channel } = scenario.input.request
  if (check.reason === 'minor' || check.reason === 'minor_needs_opt_in') {
    return [
      change.grantConsent(purpose, channel),
      change.guardianGrant(purpose, channel),
      ...birthdays(scenario).map(change.wait),
      change.correctAge,
    ]
  }
  return [...dropFields(check), change.grantConsent(purpose, channel), ...waits(scenario)]
}

function forObjection(scenario: Scenario): Change[] {
  const { subject, request } = scenario.input
  return [
    ...subject.objections
      .filter((each) => change.isAbout(each, request.purpose))
      .map(change.liftObjection),
    ...(subject.gpc ? [change.setGpc(false), ...otherChannels(scenario)] : []),
  ]
}

const forLawfulBasis = (scenario: Scenario): Change[] => [
  change.grantConsent(scenario.input.request.purpose, scenario.input.request.channel),
  ...otherChannels(scenario),
  ...waits(scenario),
]

const forCompatibility = (scenario: Scenario, check: Check): Change[] => [
  ...dropFields(check),
  ...traitsOf(check).map((trait) => change.widenDefinition(trait, scenario.input.request.purpose)),
]

function forPolicy(scenario: Scenario, check: Check): (Change | undefined)[] {
  const { policy, input } = scenario
  const { purpose, channel } = input.request
  const decided = check.evidence.find((each) => each.startsWith('rule:'))?.slice('rule:'.length)
  const rule = policy?.rules.find(({ id }) => id === decided)
  const relevant = input.policy?.ability.rulesForActivation(purpose, channel) ?? []
  const conditions = relevant
    .filter(({ id, effect }) => id === decided || (decided === undefined && effect === 'permit'))
    .flatMap(({ condition }) => (condition === undefined ? [] : leavesOf(condition)))
  return [
    ...waits(scenario),
    ...otherChannels(scenario),
    ...conditions.slice(0, conditionsMax).flatMap(forCondition),
    rule ? change.dropRule(rule.id, rule.sentence) : change.addRule(scenario),
  ]
}

const forMinimisation = (scenario: Scenario, check: Check): Change[] =>
  check.reason === 'required_field_masked'
    ? // What is too old is masked by a limit.
      [...traitsOf(check).map(change.dropRequirement), ...dropLimits(scenario)]
    : traitsOf(check).flatMap((trait) => [change.declareField(trait), change.dropContent(trait)])

const forFrequency = (scenario: Scenario): Change[] => [
  ...waits(scenario),
  ...otherChannels(scenario),
  ...dropLimits(scenario),
]

const dropLimits = ({ input: { limits } }: Scenario): Change[] =>
  limits.map(({ id, sentence }) => change.dropLimit(id, sentence))

const forBudget = ({ input: { request, left } }: Scenario): Change[] =>
  request.cost === null ? [] : [change.raiseBudget(request.cost, left)]

const forRisk = (scenario: Scenario): Change[] => [change.approve, ...dropLimits(scenario)]

const candidates: Readonly<Record<CheckName, Candidates>> = {
  request: forRequest,
  kill_switch: forKillSwitch,
  manifest: forManifest,
  subject: () => [],
  restriction: forRestriction,
  jurisdiction: () => [],
  special_category: forSpecialCategory,
  objection: forObjection,
  lawful_basis: forLawfulBasis,
  purpose_compatibility: forCompatibility,
  automated_decision: () => [change.approve],
  policy: forPolicy,
  minimisation: forMinimisation,
  frequency: forFrequency,
  budget: forBudget,
  risk: forRisk,
}

/** What might lift a refusal or hold of this check; nothing when that is in nobody's power. */
export const candidatesFor = (scenario: Scenario, check: Check): readonly Change[] =>
  candidates[check.name](scenario, check).flatMap((each) => each ?? [])

/** Every change that might lift any of the checks: for those who want to try all of them. */
export const allCandidates = (scenario: Scenario, checks: readonly Check[]): readonly Change[] =>
  checkNames.flatMap((name) =>
    checks
      .filter((check) => check.name === name && check.verdict !== 'pass')
      .flatMap((check) => candidatesFor(scenario, check)),
  )

/** What might turn an allowed act into a refused one. */
export function refusalsOf(scenario: Scenario, checks: readonly Check[]): readonly Change[] {
  const { input, policy } = scenario
  const { purpose, channel } = input.request
  const permitting = new Set(
    checks.filter(({ name }) => name === 'policy').flatMap(({ evidence }) => evidence),
  )
  const forbidding = (input.policy?.ability.rulesForActivation(purpose, channel) ?? [])
    .filter(({ effect }) => effect === 'forbid')
    .flatMap(({ condition }) => (condition === undefined ? [] : leavesOf(condition)))
  return [
    change.withdrawConsent(purpose, channel),
    change.object(purpose),
    ...waits(scenario),
    change.setGpc(true),
    change.setRestricted(true),
    change.erase,
    ...forbidding.slice(0, conditionsMax).flatMap(forCondition),
    ...(policy?.rules ?? [])
      .filter(({ id }) => permitting.has(`rule:${id}`))
      .map(({ id, sentence }) => change.dropRule(id, sentence)),
    change.pauseWorkspace,
  ]
}

/** When the person is at least so old that some law asks for less, by the month that is known of their birth. */
function birthdays({ input: { subject, now } }: Scenario): Date[] {
  const [, year, month] = /^born_before_(\d{4})-(\d\d)$/.exec(subject.minorBand ?? '') ?? []
  if (year === undefined || month === undefined) return []
  return Array.from(
    { length: adultAge },
    (_, age) => new Date(Date.UTC(Number(year) + age + 1, Number(month) - 1, 1)),
  ).filter((at) => at > now)
}

/** Later instants at which something that counts begins or ends: grants, rules bound in time, a cap's hours. */
function waits({ input, policy }: Scenario): Change[] {
  const now = input.now.getTime()
  const capped = input.limits.flatMap(({ cap }) => (cap ? [now + cap.hours * hourMs] : []))
  const said = input.consents.flatMap(({ collectedAt, expiresAt }) => [
    collectedAt.getTime(),
    ...(expiresAt === null ? [] : [expiresAt.getTime()]),
  ])
  const ruled = policy === null ? [] : boundariesOf(policy.rules)
  return [...new Set([...said, ...ruled, ...capped])]
    .filter((instant) => instant > now)
    .toSorted((left, right) => left - right)
    .slice(0, timesMax)
    .map((instant) => change.wait(new Date(instant)))
}

type Leaf = Exclude<Condition, { op: 'and' | 'or' | 'not' }>

function leavesOf(condition: Condition): Leaf[] {
  if (condition.op === 'and' || condition.op === 'or') return condition.conditions.flatMap(leavesOf)
  return condition.op === 'not' ? leavesOf(condition.condition) : [condition]
}

/** Values that decide a test otherwise, read off the test itself. */
function forCondition(leaf: Leaf): Change[] {
  const [root = '', key, ...deeper] = leaf.field.split('.')
  const values = valuesOf(leaf)
  if (root === 'jurisdiction') {
    return values.flatMap((value) =>
      typeof value === 'string' ? [change.setJurisdiction(value)] : [],
    )
  }
  if (root !== 'traits' || key === undefined) return []
  const sets = deeper.length > 0 ? [] : values.map((value) => change.setTrait(key, value))
  return [...sets, change.removeTrait(key)]
}

function valuesOf(leaf: Leaf): Scalar[] {
  switch (leaf.op) {
    case 'eq':
    case 'ne':
    case 'lte':
    case 'gte':
      return leaf.value === null ? [] : [leaf.value]
    case 'gt':
      return typeof leaf.value === 'number' ? [leaf.value + 1] : []
    case 'lt':
      return typeof leaf.value === 'number' ? [leaf.value - 1] : []
    case 'in':
    case 'nin':
      return leaf.values.filter((value) => value !== null).slice(0, 3)
    case 'exists':
      return leaf.value ? [true] : []
    case 'all':
    case 'size':
    case 'type':
    case 'elemMatch':
    default:
      return []
  }
}
