import type { Consent } from '../../model/consent.ts'
import type { Verdicts } from '../../model/decision.ts'
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
  /** The latest entry per profile, purpose and channel, of every profile in `subject.profileIds`. */
  readonly consents: readonly MemberConsent[]
  /** Definitions of the traits among `request.fields` and `request.contentKeys`. */
  readonly traits: readonly TraitDefinition[]
  /** What policy conditions are asked of; the gate sets `restricted` and `jurisdiction` from `subject`. */
  readonly row: ProfileRow
  /** The active policy, compiled for the proposer and the request's purpose; null when none is active. */
  readonly policy: { readonly number: number; readonly ability: Ability } | null
  /** Activations already sent to the person on this channel in the channel's window; null without a cap. */
  readonly frequency: { readonly sent: number; readonly max: number } | null
}

export interface GateRequest {
  readonly purpose: string
  readonly channel: string
  readonly destination: string | null
  /** Traits whose values the channel puts into the message. */
  readonly fields: readonly string[]
  /** Names of the members of the content that the proposer wrote. */
  readonly contentKeys: readonly string[]
  /** An agent's id is `plugin/agent`. */
  readonly proposer: { readonly kind: 'agent' | 'principal'; readonly id: string }
}

export interface ChannelFacts {
  /** True when the channel does not address the person by itself, as a webhook does not. */
  readonly needsDestination: boolean
}

/** The part of an agent's manifest that the gate asks; an `AgentManifest` is one. */
export interface ManifestGrant {
  readonly proposes: readonly {
    readonly purpose: string
    readonly channels: readonly string[]
    readonly fields: readonly string[]
  }[]
  /** Art. 22: how much the act weighs on the person; absent means not much. */
  readonly effect?: 'none' | 'minor' | 'significant'
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
}

export interface Obligations {
  /** Fields the channel must leave out of the message. */
  readonly mask: readonly string[]
}

export interface GateVerdict extends Verdicts {
  readonly obligations: Obligations
  /** After this an allowed activation must be decided again; null unless allowed. */
  readonly validUntil: Date | null
}
