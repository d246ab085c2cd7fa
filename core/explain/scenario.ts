import { amendPolicy } from '../../policies/amend.ts'
import type { Amendment } from '../../policies/amend.ts'
import { compileAbility } from '../../policies/ability.ts'
import type { Ability } from '../../policies/ability.ts'
import type { Policy } from '../../policies/document.ts'
import { limitsFor } from '../../policies/limit.ts'
import type { Contacts, GateInput } from '../flow/gate/input.ts'

/** What was decided about, and the policy it was decided by; a change makes another one of it. */
export interface Scenario {
  readonly input: GateInput
  /** The version in force, which `input.policy` was compiled from; null when none was. */
  readonly policy: Policy | null
}

const hourMs = 3_600_000

/**
 * The same at another time, if nothing else happens: rules that are bound in time may count or no longer count,
 * and what was sent is out of a cap's hours when they have passed.
 */
export function at(scenario: Scenario, now: Date): Scenario {
  const { input, policy } = scenario
  const passed = now.getTime() - input.now.getTime()
  const contacts: Record<string, Contacts> = { ...input.contacts }
  for (const { id, cap } of input.limits) {
    if (cap !== undefined && contacts[id] !== undefined && passed >= cap.hours * hourMs)
      contacts[id] = { sent: 0 }
  }
  return ruledBy({ ...scenario, input: { ...input, now, contacts } }, policy)
}

/** The same under a policy with another rule, or one rule less; undefined where that would be no policy. */
export function amended(scenario: Scenario, amendment: Amendment): Scenario | undefined {
  if (scenario.policy === null) return undefined
  const { policy } = scenario
  const known = amendments.get(policy) ?? new Map<string, Policy | undefined>()
  amendments.set(policy, known)
  const key = JSON.stringify(amendment)
  if (!known.has(key)) known.set(key, amendPolicy(policy, amendment))
  const other = known.get(key)
  return other && ruledBy(scenario, other)
}

function ruledBy(scenario: Scenario, policy: Policy | null): Scenario {
  const { input } = scenario
  if (policy === null || input.policy === null) return scenario
  const known = abilities.get(policy) ?? new Map<string, Ability>()
  abilities.set(policy, known)
  const { who, purposes, onError } = input.policy.ability
  const period = policy.boundaries.filter((each) => each <= input.now.getTime()).length
  const key = JSON.stringify([who, purposes, period])
  const ability = known.get(key) ?? compileAbility(policy, who, purposes, onError, input.now)
  known.set(key, ability)
  return withLimits({ policy, input: { ...input, policy: { ...input.policy, ability } } })
}

// A search asks for the same few policies over and over; reading one costs a thousand decisions.
const amendments = new WeakMap<Policy, Map<string, Policy | undefined>>()
const abilities = new WeakMap<Policy, Map<string, Ability>>()

export const withInput = (scenario: Scenario, changes: Partial<GateInput>): Scenario => ({
  ...scenario,
  input: { ...scenario.input, ...changes },
})

/** Limits follow the purpose and the channel. How often the person was addressed under another is not known. */
export const withRequest = (scenario: Scenario, changes: Partial<GateInput['request']>): Scenario =>
  withLimits(withInput(scenario, { request: { ...scenario.input.request, ...changes } }))

function withLimits(scenario: Scenario): Scenario {
  const { policy, input } = scenario
  const { purpose, channel } = input.request
  return policy === null
    ? scenario
    : withInput(scenario, { limits: limitsFor(policy, purpose, channel) })
}

export const withSubject = (scenario: Scenario, changes: Partial<GateInput['subject']>): Scenario =>
  withInput(scenario, { subject: { ...scenario.input.subject, ...changes } })

export const withoutSwitch = (
  scenario: Scenario,
  name: keyof GateInput['killSwitches'],
): Scenario =>
  withInput(scenario, { killSwitches: { ...scenario.input.killSwitches, [name]: false } })
