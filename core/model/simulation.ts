import { z } from 'zod'

export const simulationStates = ['running', 'done', 'cancelled', 'failed'] as const
export type SimulationState = (typeof simulationStates)[number]

export const simulationDaysMax = 365

export const simulatePolicyInput = z.object({
  /** A stored version, or else a document. */
  number: z.int().positive().nullish(),
  document: z.unknown().optional(),
  /** How far back recorded decisions are looked at. */
  days: z.int().min(0).max(simulationDaysMax).default(30),
})

/** What a caller may do with profiles, as far as a policy decides it. */
export type SimulatedAction = 'read' | 'send' | 'activate'

/** What is permitted: the profile itself, values of it, or a way to reach the person. */
export interface SimulatedTarget {
  kind: 'profile' | 'class' | 'trait' | 'identifier' | 'channel'
  /** The data class, trait key, namespace or channel; empty for the profile itself. */
  name: string
}

export interface SimulatedCaller {
  kind: 'role' | 'agent'
  /** A role, or `plugin/agent`. */
  name: string
}

/** How many profiles somebody may do something with under the candidate and may not now, and the other way. */
export interface ProfileImpact {
  caller: SimulatedCaller
  action: SimulatedAction
  /** Null for a caller who names none. */
  purpose: string | null
  target: SimulatedTarget
  gained: number
  lost: number
  /** Profiles that have such a value, without those gained and lost. */
  unchanged: number
  /** Ids of up to five profiles each. */
  examples: { gained: string[]; lost: string[] }
  sentence: string
}

/** Activations of one proposer that the gate decided, judged again under the candidate. */
export interface DecisionImpact {
  proposer: SimulatedCaller
  purpose: string
  channel: string
  wouldAllow: number
  /** Would wait for a person, or for something to end. */
  wouldHold: number
  wouldRefuse: number
  unchanged: number
  examples: DecisionExample[]
  sentence: string
}

export interface DecisionExample {
  profileId: string
  activationId: string
  decisionId: string
  /** Under the policy in force, and under the candidate. */
  before: 'allow' | 'hold' | 'refuse'
  after: 'allow' | 'hold' | 'refuse'
}

export interface SimulationResult {
  profiles: number
  impacts: ProfileImpact[]
  /** Combinations of caller, action, purpose and target that were compared. */
  compared: number
  /**
   * Ids of rules, of either policy, that ask which principal asks. Roles are compared as if nothing were known of
   * the principal: such a permit gives nothing, such a forbid always holds.
   */
  personalRules: string[]
  decisions: {
    days: number
    looked: number
    /** There were more than were looked at: the newest were. */
    isCut: boolean
    /** Of `looked`: decisions whose policy check already ends otherwise under the policy in force. */
    drifted: number
    impacts: DecisionImpact[]
  }
}
