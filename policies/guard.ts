import { always, when } from '../core/model/condition.ts'
import type { Plan } from '../core/model/condition.ts'
import type { LawfulBasis } from '../core/model/consent.ts'
import { covers } from '../core/model/purpose.ts'

/**
 * What the law says before any policy is asked. It is code and not data: no officer's rule can re-open
 * what is refused here, since its answers are joined to the policy's by "and".
 *
 * Each function gives the code of its refusal, or null.
 */
export interface PurposeDefinition {
  readonly key: string
  /** Lawful bases on which the purpose may rest. */
  readonly bases: readonly LawfulBasis[]
  /** True when it may not be pursued without a consent grant. */
  readonly needsGrant: boolean
}

export interface LegalState {
  readonly erasedAt: Date | null
  /** Art. 18: stored and otherwise left alone. */
  readonly restricted: boolean
  /** Kept as evidence: likewise. */
  readonly legalHold: boolean
  /** Art. 21: purposes the person objected to. */
  readonly objections: readonly string[]
  /** The person's browser sent Global Privacy Control. */
  readonly gpc: boolean
  /** As `ageAtLeast` reads it; null when nothing says that the person is a minor. */
  readonly minorBand: string | null
}

/** A child purpose is defined by its nearest defined ancestor; undefined when there is none. */
export function definitionFor(
  purpose: string,
  definitions: readonly PurposeDefinition[],
): PurposeDefinition | undefined {
  return definitions
    .filter(({ key }) => covers(key, purpose))
    .reduce<PurposeDefinition | undefined>(
      (best, each) => (best === undefined || each.key.length > best.key.length ? each : best),
      undefined,
    )
}

export const refusesErased = ({ erasedAt }: LegalState): string | null =>
  erasedAt === null ? null : 'erased'

const outlivesRestriction: ReadonlySet<LawfulBasis> = new Set([
  'legal_obligation',
  'vital_interest',
])

/** Restricted data serves only what the law demands or life depends on, such as notice of a breach. */
export function refusesRestricted(state: LegalState, { bases }: PurposeDefinition): string | null {
  if (!state.restricted && !state.legalHold) return null
  if (bases.some((basis) => outlivesRestriction.has(basis))) return null
  return state.restricted ? 'restricted' : 'legal_hold'
}

/** Absolute: no basis and no newer grant for another purpose outweighs an objection. */
export function refusesObjected(state: LegalState, purpose: string): string | null {
  return state.objections.some((objected) => covers(objected, purpose)) ? 'objected' : null
}

/** Global Privacy Control opts out of sale and sharing: advertising, by purpose or by channel. */
export function refusesGpc(state: LegalState, purpose: string, channel: string): string | null {
  const shares = covers('marketing.ads', purpose) || channel === 'ads'
  return state.gpc && shares ? 'gpc_opt_out' : null
}

// Reading to serve a person or to keep them safe goes on under restriction; nothing that profiles does.
const servesStorage = ['service', 'security']

/** Which rows may be read for the purpose at all, whatever the policy says. */
export function guardRead(purpose: string | null): Plan {
  const serves = purpose === null || servesStorage.some((root) => covers(root, purpose))
  return serves ? always : when({ op: 'eq', field: 'restricted', value: false })
}
