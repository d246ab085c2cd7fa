/**
 * What policies and consent would make of a fixture: which traits the agent would not be handed, and how the gate
 * would answer each act that it proposes. The gate's own `decide`, on a person that the fixture describes.
 */
import { compileAbility, type Ability, type OnPolicyError } from '../../policies/ability.ts'
import type { Policy } from '../../policies/document.ts'
import { limitsFor } from '../../policies/limit.ts'
import { planProfile } from '../../policies/plan.ts'
import { shippedPurposes } from '../../policies/shippedPurposes.ts'
import type { ProfileRow, Who } from '../../policies/vocabulary.ts'
import { fail } from '../errors.ts'
import { findFlip } from '../explain/flip.ts'
import { tellDecision } from '../explain/tellDecision.ts'
import { tellFlip } from '../explain/tellFlip.ts'
import { decide } from '../flow/gate/decide.ts'
import type { GateInput } from '../flow/gate/input.ts'
import type { CheckedOutcome } from '../host/outcome.ts'
import { isView } from '../host/tryOne.ts'
import type { Outcome } from '../model/decision.ts'
import type { Json } from '../model/json.ts'
import type { AgentManifest, Manifest } from '../model/manifest.ts'
import { isVaulted, type TraitDefinition } from '../model/trait.ts'
import type { Fixture } from './fixture.ts'

/** A trait that the agent declares to read and would not see. */
export interface Withheld {
  trait: string
  /** The rule that forbids it, or null where none permits. */
  rule: string | null
  reason: string
}

export interface SimulatedDecision {
  purpose: string
  channel: string
  outcome: Outcome
  reason: string
  /** In sentences for the plugin's author: which rule, which consent. */
  text: string
  /** What would turn it round; empty for what is allowed. */
  remedy: string
}

export interface Simulator {
  withheld(agent: AgentManifest, fixture: Fixture): Withheld[]
  decisions(agent: AgentManifest, fixture: Fixture, outcome: CheckedOutcome): SimulatedDecision[]
}

const profileId = 'trial-profile'
const policyNumber = 1

// A rule that cannot be evaluated refuses; an author has to hear of it, not guess at it.
const onError: OnPolicyError = (where, thrown) => {
  throw fail('internal', { where }, thrown)
}

/** @param policy what would be in force */
export function createSimulator(policy: Policy, manifest: Manifest): Simulator {
  const definitions = definitionsOf(policy, manifest)
  const abilityOf = (agent: AgentManifest, purpose: string, now: Date): Ability => {
    const who: Who = { kind: 'agent', id: `${manifest.id}/${agent.id}` }
    return compileAbility(policy, who, [purpose], onError, now)
  }
  return {
    withheld(agent, fixture) {
      const ability = abilityOf(agent, agent.purpose, new Date(fixture.now))
      const plan = planProfile(ability, [agent.purpose], definitions)
      const row = rowOf(fixture)
      return agent.reads.traits.flatMap((trait) => {
        if (isVaulted(definitions.get(trait)?.dataClass ?? 'none'))
          return [{ trait, rule: null, reason: 'personal_data' }]
        const { allowed, rule, reason } = plan.trait(trait).visible(row)
        return allowed ? [] : [{ trait, rule, reason }]
      })
    },
    decisions(agent, fixture, outcome) {
      if (outcome.kind !== 'done') return []
      return outcome.activations.map((proposal): SimulatedDecision => {
        const { purpose, channel, fields } = proposal
        const now = new Date(fixture.now)
        const ability = abilityOf(agent, purpose, now)
        const input: GateInput = {
          ...standingOf(fixture),
          now,
          request: {
            purpose,
            channel,
            destination: proposal.destination ?? null,
            fields,
            requires: proposal.requires ?? [],
            risk: proposal.risk ?? 0,
            cost: proposal.cost ?? null,
            contentKeys: Object.keys(proposal.content),
            proposer: { kind: 'agent', id: `${manifest.id}/${agent.id}` },
          },
          grant: agent,
          traits: fields.flatMap((key) => definitions.get(key) ?? []),
          row: rowOf(fixture),
          policy: { number: policyNumber, ability },
          limits: limitsFor(policy, purpose, channel),
          contacts: Object.fromEntries(
            limitsFor(policy, purpose, channel).map(({ id }) => [id, { sent: 0 }]),
          ),
          // As if there were always enough: what is left is the workspace's business.
          left: proposal.cost?.amount ?? null,
          writtenAt: Object.fromEntries(fields.map((key) => [key, now])),
        }
        return told(input, policy)
      })
    },
  }
}

/** As they would stand after the installation; what the fixture's other traits are nobody knows yet. */
function definitionsOf(policy: Policy, manifest: Manifest): ReadonlyMap<string, TraitDefinition> {
  const known = manifest.traits.map(({ key, class: dataClass, purposes }): TraitDefinition => ({
    key,
    dataClass,
    purposes,
    owner: manifest.id,
  }))
  const named = manifest.agents.flatMap(({ reads, proposes }) => [
    ...reads.traits,
    ...proposes.flatMap(({ fields }) => fields),
  ])
  const unknown = named.map((key): TraitDefinition => ({
    key,
    dataClass: policy.document.unknownTraits ?? 'pseudonymous',
    purposes: [],
    owner: null,
  }))
  return new Map([...unknown, ...known].map((definition) => [definition.key, definition]))
}

function rowOf({ traits, person }: Fixture): ProfileRow {
  const values = Object.entries(traits).map(([key, value]): [string, Json] => [
    key,
    isView(value) ? value.value : value,
  ])
  const { restricted, jurisdiction } = person
  return { traits: Object.fromEntries(values), restricted, jurisdiction }
}

type Standing = Pick<
  GateInput,
  'killSwitches' | 'channels' | 'purposes' | 'subject' | 'consents' | 'approval'
>

/** The person of the fixture: one profile, nothing paused, the words that the fixture gives them. */
function standingOf({ person, now }: Fixture): Standing {
  return {
    killSwitches: {
      workspacePaused: false,
      pluginPaused: false,
      channelPaused: false,
      proposerRevoked: false,
    },
    channels: {
      email: { needsDestination: false, addressedBy: 'email' },
      webhook: { needsDestination: true },
    },
    purposes: shippedPurposes,
    subject: {
      profileIds: [profileId],
      mergedAt: null,
      erasedAt: null,
      restricted: person.restricted,
      legalHold: false,
      objections: person.objections,
      holds: [],
      gpc: false,
      minorBand: null,
      jurisdiction: person.jurisdiction,
    },
    consents: person.consents.map(({ purpose, channel, decision }, at) => ({
      id: `consent-${at + 1}`,
      profileId,
      purpose,
      channel,
      decision,
      basis: 'consent',
      collectedAt: new Date(now),
      expiresAt: null,
      isOutdated: false,
    })),
    approval: null,
  }
}

function told(input: GateInput, policy: Policy): SimulatedDecision {
  const { outcome, reason, checks, obligations, validUntil } = decide(input)
  const { purpose, channel, fields, proposer } = input.request
  const { text } = tellDecision(
    {
      outcome,
      reason,
      checks,
      obligations,
      validUntil,
      decidedAt: input.now,
      purpose,
      aim: shippedPurposes.find(({ key }) => key === purpose)?.description ?? null,
      channel,
      fields,
      proposer: `agent:${proposer.id}`,
      consents: new Map(input.consents.map((consent) => [consent.id, consent])),
      sentences: new Map(policy.document.rules.map(({ id, sentence }) => [`rule:${id}`, sentence])),
    },
    'integrator',
  )
  const remedy = outcome === 'allow' ? '' : tellFlip(findFlip({ input, policy }), 'integrator').text
  return { purpose, channel, outcome, reason, text, remedy }
}
