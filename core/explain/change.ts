import type { Cost } from '../model/budget.ts'
import { guardianMethods, isGuardians } from '../model/age.ts'
import { covers } from '../model/purpose.ts'
import type { Json } from '../model/json.ts'
import type { PolicyRule } from '../model/policy.ts'
import { definitionFor } from '../../policies/guard.ts'
import type { Hold, MemberConsent } from '../flow/gate/input.ts'
import { dayOf, instantOf, listed } from './sentence.ts'
import type { Params } from './sentence.ts'
import { amended, at, withInput, withoutSwitch, withRequest, withSubject } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import type { ChangeCode } from './words/change.ts'

/** In whose power a change is. */
export type Actor = 'time' | 'integrator' | 'subject' | 'agent' | 'operator' | 'officer'

/** One thing that could be otherwise. */
export interface Change {
  readonly code: ChangeCode
  readonly params: Params
  readonly by: Actor
  /** Says what it would be like; undefined where it cannot be. Does not depend on what else is changed. */
  apply(scenario: Scenario): Scenario | undefined
}

export const keyOf = ({ code, params }: Change): string => `${code} ${JSON.stringify(params)}`

// By whom what is asked for could be asked for otherwise.

export const giveDestination: Change = {
  code: 'give_destination',
  params: {},
  by: 'integrator',
  apply: (scenario) => withRequest(scenario, { destination: 'https://example.invalid/' }),
}

export const useChannel = (channel: string): Change => ({
  code: 'use_channel',
  params: { channel },
  by: 'integrator',
  apply: (scenario) => withRequest(scenario, { channel }),
})

export const dropField = (trait: string): Change => ({
  code: 'drop_field',
  params: { trait },
  by: 'integrator',
  apply: (scenario) => {
    const { fields } = scenario.input.request
    return withRequest(scenario, { fields: fields.filter((each) => each !== trait) })
  },
})

export const dropContent = (trait: string): Change => ({
  code: 'drop_content',
  params: { trait },
  by: 'integrator',
  apply: (scenario) => {
    const { contentKeys } = scenario.input.request
    return withRequest(scenario, { contentKeys: contentKeys.filter((each) => each !== trait) })
  },
})

export const declareField = (trait: string): Change => ({
  code: 'declare_field',
  params: { trait },
  by: 'integrator',
  apply: (scenario) => {
    const { fields } = scenario.input.request
    return withRequest(scenario, { fields: [...fields.filter((each) => each !== trait), trait] })
  },
})

export function declareInManifest({ input: { request } }: Scenario): Change {
  const { purpose, channel, fields, proposer } = request
  return {
    code: 'declare_in_manifest',
    params: { purpose, channel, fields: listed(fields) || 'none', proposer: proposer.id },
    by: 'integrator',
    apply: (scenario) => {
      const { grant } = scenario.input
      const proposes = [...(grant?.proposes ?? []), { purpose, channels: [channel], fields }]
      return withInput(scenario, { grant: { proposes } })
    },
  }
}

export const dropRequirement = (trait: string): Change => ({
  code: 'drop_requirement',
  params: { trait },
  by: 'integrator',
  apply: (scenario) => {
    const { requires } = scenario.input.request
    return withRequest(scenario, { requires: requires.filter((each) => each !== trait) })
  },
})

/** Under the mildest class that an unknown trait is given. */
export const registerTrait = (trait: string, purpose: string): Change => ({
  code: 'register_trait',
  params: { trait, purpose },
  by: 'officer',
  apply: (scenario) =>
    withInput(scenario, {
      traits: [
        ...scenario.input.traits,
        { key: trait, dataClass: 'pseudonymous', purposes: [purpose], owner: null },
      ],
    }),
})

export const widenDefinition = (trait: string, purpose: string): Change => ({
  code: 'widen_definition',
  params: { trait, purpose },
  by: 'officer',
  apply: (scenario) =>
    withInput(scenario, {
      traits: scenario.input.traits.map((each) =>
        each.key === trait ? { ...each, purposes: [...each.purposes, purpose] } : each,
      ),
    }),
})

// What is stopped could go on.

const resume = (
  code: ChangeCode,
  name: Parameters<typeof withoutSwitch>[1],
  params: Params = {},
): Change => ({
  code,
  params,
  by: code === 'renew_key' ? 'integrator' : 'operator',
  apply: (scenario) => withoutSwitch(scenario, name),
})

export const resumeWorkspace = resume('resume_workspace', 'workspacePaused')
export const resumePlugin = (proposer: string): Change =>
  resume('resume_plugin', 'pluginPaused', { proposer })
export const resumeChannel = (channel: string): Change =>
  resume('resume_channel', 'channelPaused', { channel })
export const renewKey = resume('renew_key', 'proposerRevoked')

export const raiseBudget = ({ budget, amount }: Cost, left: number | null): Change => ({
  code: 'raise_budget',
  params: { budget, amount: String(amount), left: String(left ?? 0) },
  by: 'operator',
  apply: (scenario) => withInput(scenario, { left: amount }),
})

export const pauseWorkspace: Change = {
  code: 'pause_workspace',
  params: {},
  by: 'operator',
  apply: (scenario) =>
    withInput(scenario, {
      killSwitches: { ...scenario.input.killSwitches, workspacePaused: true },
    }),
}

// What the person says.

/** The person's newest word, in place of an older one for the same; a grant leaves another's grant beside it. */
function say(
  { input }: Scenario,
  { purpose, channel }: { purpose: string; channel: string },
  word: Pick<MemberConsent, 'decision' | 'method'>,
): MemberConsent[] {
  const [profileId = ''] = input.subject.profileIds
  const bases = definitionFor(purpose, input.purposes)?.bases ?? []
  const said: MemberConsent = {
    id: 'proposed',
    profileId,
    purpose,
    channel,
    ...word,
    basis: bases.includes('consent') ? 'consent' : (bases[0] ?? 'consent'),
    collectedAt: input.now,
    expiresAt: null,
    isOutdated: false,
  }
  const others = input.consents.filter(
    (each) =>
      each.profileId !== profileId ||
      each.purpose !== purpose ||
      each.channel !== channel ||
      (said.decision === 'granted' && isGuardianGrant(each) !== isGuardianGrant(said)),
  )
  return [...others, said]
}

const isGuardianGrant = ({ decision, method }: MemberConsent): boolean =>
  decision === 'granted' && isGuardians(method)

export const grantConsent = (purpose: string, channel: string): Change => ({
  code: 'grant_consent',
  params: { purpose, channel },
  by: 'subject',
  apply: (scenario) =>
    withInput(scenario, { consents: say(scenario, { purpose, channel }, { decision: 'granted' }) }),
})

/** Verified in one of the ways that the law takes. */
export const guardianGrant = (purpose: string, channel: string): Change => ({
  code: 'guardian_grant',
  params: { purpose, channel },
  by: 'subject',
  apply: (scenario) => {
    const [method] = guardianMethods
    const word = { decision: 'granted', method } as const
    return withInput(scenario, { consents: say(scenario, { purpose, channel }, word) })
  },
})

export const withdrawConsent = (purpose: string, channel: string): Change => ({
  code: 'withdraw_consent',
  params: { purpose, channel },
  by: 'subject',
  apply: (scenario) =>
    withInput(scenario, {
      consents: say(scenario, { purpose, channel }, { decision: 'withdrawn' }),
    }),
})

export const object = (purpose: string): Change => ({
  code: 'object',
  params: { purpose },
  by: 'subject',
  apply: (scenario) =>
    withSubject(scenario, { objections: [...scenario.input.subject.objections, purpose] }),
})

export const liftObjection = (purpose: string): Change => ({
  code: 'lift_objection',
  params: { purpose },
  by: 'subject',
  apply: (scenario) => {
    const { objections } = scenario.input.subject
    return withSubject(scenario, { objections: objections.filter((each) => each !== purpose) })
  },
})

export const setGpc = (gpc: boolean): Change => ({
  code: gpc ? 'send_gpc' : 'lift_gpc',
  params: {},
  by: 'subject',
  apply: (scenario) => withSubject(scenario, { gpc }),
})

// Where the person stands.

export const setRestricted = (restricted: boolean): Change => ({
  code: restricted ? 'restrict' : 'lift_restriction',
  params: {},
  by: 'subject',
  apply: (scenario) => withSubject(scenario, { restricted }),
})

export const liftLegalHold: Change = {
  code: 'lift_legal_hold',
  params: {},
  by: 'officer',
  apply: (scenario) => withSubject(scenario, { legalHold: false }),
}

export const correctAge: Change = {
  code: 'correct_age',
  params: {},
  by: 'subject',
  apply: (scenario) => withSubject(scenario, { minorBand: 'adult' }),
}

export const erase: Change = {
  code: 'erase',
  params: {},
  by: 'subject',
  apply: (scenario) => withSubject(scenario, { erasedAt: scenario.input.now }),
}

export const setJurisdiction = (jurisdiction: string): Change => ({
  code: 'set_jurisdiction',
  params: { jurisdiction },
  by: 'officer',
  apply: (scenario) => withSubject(scenario, { jurisdiction }),
})

export const releaseHold = ({ agent, purpose }: Hold): Change => ({
  code: 'release_hold',
  params: { agent, purpose: purpose === '*' ? 'every purpose' : purpose },
  by: 'agent',
  apply: (scenario) =>
    withSubject(scenario, {
      holds: scenario.input.subject.holds.filter(
        (each) => each.agent !== agent || each.purpose !== purpose,
      ),
    }),
})

export const removeTrait = (trait: string): Change => ({
  code: 'remove_trait',
  params: { trait },
  by: 'officer',
  apply: (scenario) => {
    const { [trait]: _, ...traits } = scenario.input.row.traits
    return withInput(scenario, { row: { ...scenario.input.row, traits } })
  },
})

export const setTrait = (trait: string, value: Json): Change => ({
  code: 'set_trait',
  params: { trait, value: JSON.stringify(value) },
  by: 'officer',
  apply: (scenario) => {
    const { row } = scenario.input
    return withInput(scenario, { row: { ...row, traits: { ...row.traits, [trait]: value } } })
  },
})

// What the rules say, and when.

export const dropRule = (rule: string, sentence: string): Change => ({
  code: 'drop_rule',
  params: { rule, sentence },
  by: 'officer',
  apply: (scenario) => amended(scenario, { without: rule }),
})

const addedRule = 'what-would-flip'

/** For exactly this purpose and channel, and this agent or role. */
export function addRule({ input: { request, policy } }: Scenario): Change | undefined {
  const who = policy?.ability.who
  if (who === undefined) return undefined
  const { purpose, channel } = request
  const rule: PolicyRule = {
    id: addedRule,
    sentence: 'A rule that would permit it.',
    effect: 'permit',
    ...(who.kind === 'agent' ? { agents: [who.id] } : { roles: [who.role] }),
    action: 'activate',
    subject: 'Activation',
    purposes: [purpose],
    channels: [channel],
    reason: 'permitted',
  }
  const proposer = who.kind === 'agent' ? who.id : `the role ${who.role}`
  return {
    code: 'add_rule',
    params: { proposer, purpose, channel },
    by: 'officer',
    apply: (scenario) => amended(scenario, { plus: rule }),
  }
}

export const wait = (until: Date): Change => ({
  code: 'wait',
  params: { until: instantOf(until), day: dayOf(until), instant: until.toISOString() },
  by: 'time',
  apply: (scenario) => at(scenario, until),
})

export const dropLimit = (limit: string, sentence: string): Change => ({
  code: 'drop_limit',
  params: { limit, sentence },
  by: 'officer',
  apply: (scenario) => amended(scenario, { withoutLimit: limit }),
})

/** A human who looked at this very activation; never who proposed it. */
export const approve: Change = {
  code: 'approve',
  params: {},
  by: 'officer',
  apply: (scenario) =>
    withInput(scenario, {
      approval: { id: 'proposed', verdict: 'approved', at: scenario.input.now },
    }),
}

/** Whether an objection or hold for one purpose is about another. */
export const isAbout = (said: string, purpose: string): boolean =>
  said === '*' || covers(said, purpose)
