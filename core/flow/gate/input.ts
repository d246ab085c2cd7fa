import type { Cost } from '../../model/budget.ts'
import type { Consent } from '../../model/consent.ts'
import type { Verdicts } from '../../model/decision.ts'
import type { DecisionEffect } from '../../model/manifest.ts'
import type { PolicyLimit } from '../../model/policyLimit.ts'
import type { TraitDefinition } from '../../model/trait.ts'
import type { Ability } from '../../../policies/ability.ts'
import type { LegalState, PurposeDefinition } from '../../../policies/guard.ts'
import type { ProfileRow } from '../../../policies/vocabulary.ts'

/**
 * Everything a decision rests on, loaded beforehand: deciding reads no database, no clock and nothing
 * else, so the same input gives the same verdicts for ever.
 */
export interface GateInput {
  readonly now: Date
  readonly request: GateRequest
  readonly killSwitches: {
    readonly workspacePaused: boolean
    readonly pluginPaused: boolean
    readonly channelPaused: boolean
    /** The proposing principal's key was revoked since, or it is nobody's. */
    readonly proposerRevoked: boolean
  }
  /** The channels that exist, by name. */
  readonly channels: Readonly<Record<string, ChannelFacts>>
  readonly purposes: readonly PurposeDefinition[]
  /** What the proposing agent's manifest declares; null for a principal, whom the policy alone binds. */
  readonly grant: ManifestGrant | null
  readonly subject: GateSubject
  /**
   * The latest entry per profile, purpose and channel, and a guardian's grant beside it, of every profile in
   * `subject.profileIds`.
   */
  readonly consents: readonly MemberConsent[]
  /** Definitions of the traits among `request.fields` and `request.contentKeys`. */
  readonly traits: readonly TraitDefinition[]
  /** What policy conditions are asked of; the gate sets `restricted` and `jurisdiction` from `subject`. */
  readonly row: ProfileRow
  /** The active policy, compiled for the proposer and the request's purpose; null when none is active. */
  readonly policy: { readonly number: number; readonly ability: Ability } | null
  /**
   * The limits of the active policy that are about the request's purpose and channel, in the document's order
   * (`limitsFor`). Plain data: the document of version `policy.number` gives the same again.
   */
  readonly limits: readonly PolicyLimit[]
  /**
   * For each of `limits` with a cap, by the limit's id, how often the person was addressed. A cap without a count
   * is a fault: the check refuses.
   */
  readonly contacts: Readonly<Record<string, Contacts>>
  /**
   * What is left of the budget that `request.cost` is paid from, with what this very act took already; null when there
   * is no such budget, it is over, or nothing is to be paid.
   */
  readonly left: number | null
  /** When each of `request.fields` that the person has was last written. */
  readonly writtenAt: Readonly<Record<string, Date>>
  /** What a person last said to this very activation; null when nobody has been asked or answered. */
  readonly approval: Approval | null
}

/**
 * Activations to the person (any profile in `subject.profileIds`) that the limit is about, this one left out: sent
 * in the limit's hours before `now` (an instant exactly so many hours ago is outside), or being sent now, or
 * between two tries of being sent. What failed for good, or was recalled, gives its place back.
 */
export interface Contacts {
  readonly sent: number
}

export interface Approval {
  readonly id: string
  readonly verdict: 'approved' | 'refused'
  readonly at: Date
}

export interface GateRequest {
  readonly purpose: string
  readonly channel: string
  readonly destination: string | null
  /** Traits whose values the channel puts into the message. */
  readonly fields: readonly string[]
  /** Those of the fields without which there is no message: it is refused when one has to be left out. */
  readonly requires: readonly string[]
  /** How risky its proposer takes it to be, 0 to 1; 0 when nothing was said. An agent's manifest may say more. */
  readonly risk: number
  /** What it costs; null for nothing. */
  readonly cost: Cost | null
  /** Names of the members of the content that the proposer wrote. */
  readonly contentKeys: readonly string[]
  /** An agent's id is `plugin/agent`. */
  readonly proposer: { readonly kind: 'agent' | 'principal'; readonly id: string }
}

export interface ChannelFacts {
  /** True when the channel does not address the person by itself, as a webhook does not. */
  readonly needsDestination: boolean
  /** The identifier namespace that holds a person's address; null or absent when it addresses no persons. */
  readonly addressedBy?: string | null
}

/** The part of an agent's manifest that the gate asks; an `AgentManifest` is one. */
export interface ManifestGrant {
  readonly proposes: readonly {
    readonly purpose: string
    readonly channels: readonly string[]
    readonly fields: readonly string[]
    /** What such an act is at least taken to risk, 0 to 1; absent is 0. */
    readonly risk?: number
    /** Budgets that it may be paid from; absent is none. */
    readonly budgets?: readonly string[]
    /** Art. 22: how much such an act weighs on the person; absent means not at all. */
    readonly decisionEffect?: DecisionEffect
  }[]
}

export interface GateSubject extends LegalState {
  /** The canonical profile and every profile merged into it. */
  readonly profileIds: readonly string[]
  /**
   * When the profiles were last merged. What the person said after that overrules what any member said
   * before; null when there was no merge or the time is not known.
   */
  readonly mergedAt: Date | null
  /** Null where nobody knows, or where the person's profiles were placed apart: the strictest law then. */
  readonly jurisdiction: string | null
  /** An agent asked that nothing be sent for a purpose (`*`: for any), for a reason such as complaint_open. */
  readonly holds: readonly Hold[]
}

export interface Hold {
  readonly purpose: string
  readonly agent: string
  readonly reason: string
}

export interface MemberConsent extends Omit<Consent, 'proof' | 'jurisdiction'> {
  readonly profileId: string
  /** It was given for a version of a notice whose grants no longer count. */
  readonly isOutdated: boolean
  /** `proof.method`: how it was collected, such as from a guardian. */
  readonly method?: string | null
}

/** What binds whoever sends what was allowed. Kept with the decision as JSON. */
export interface Obligations {
  /** Fields the channel must leave out of the message. */
  readonly mask: readonly string[]
  /** What leaves as SHA-256 of its normal form only: traits as `trait:email`, the address as `identifier:email`. */
  readonly hash: readonly string[]
  /** Not before this instant; null for at once. */
  readonly notBefore: Date | null
  /** Values written more days ago than this are left out; null for any age. */
  readonly maxAgeDays: number | null
}

export interface GateVerdict extends Verdicts {
  readonly obligations: Obligations
  /** After this an allowed activation must be decided again; null unless allowed. */
  readonly validUntil: Date | null
}
