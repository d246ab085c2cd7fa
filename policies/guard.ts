import { always, when } from '../core/model/condition.ts'
import type { Plan } from '../core/model/condition.ts'
import type { LawfulBasis } from '../core/model/consent.ts'
import { covers } from '../core/model/purpose.ts'
import type { Regime } from './regime.ts'

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
  /** How long a grant lasts at most; absent or null for no end. */
  readonly ttlDays?: number | null
  /** Channels on which a grant counts only once the person has confirmed it; `*` for all. */
  readonly doubleOptIn?: readonly string[]
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

/** Global Privacy Control opts out of sale and sharing where the law binds to it: by purpose or by channel. */
export function refusesGpc(
  state: LegalState,
  { gpcBinds }: Regime,
  purpose: string,
  channel: string,
): string | null {
  const shares = covers('marketing.ads', purpose) || channel === 'ads'
  return state.gpc && gpcBinds && shares ? 'gpc_opt_out' : null
}

/** Whether a grant for a purpose on a channel has to be confirmed before it counts. */
export const needsConfirmation = (
  { doubleOptIn = [] }: PurposeDefinition,
  channel: string,
): boolean =>
  // A grant for all channels takes in those that ask for it.
  doubleOptIn.length > 0 &&
  (channel === '*' || doubleOptIn.some((each) => each === '*' || each === channel))

const dayMs = 24 * 3_600_000

/** When a grant ends: at its own time, and no later than its purpose lets it. Null for never. */
export function endOfGrant(
  { ttlDays }: Pick<PurposeDefinition, 'ttlDays'>,
  { collectedAt, expiresAt }: { collectedAt: Date; expiresAt: Date | null },
): Date | null {
  if (ttlDays === undefined || ttlDays === null) return expiresAt
  const end = new Date(collectedAt.getTime() + ttlDays * dayMs)
  return expiresAt !== null && expiresAt < end ? expiresAt : end
}

// Reading to serve a person or to keep them safe goes on under restriction; nothing that profiles does.
const servesStorage = ['service', 'security']

/** Which rows may be read for the purpose at all, whatever the policy says. */
export function guardRead(purpose: string | null): Plan {
  const serves = purpose === null || servesStorage.some((root) => covers(root, purpose))
  return serves ? always : when({ op: 'eq', field: 'restricted', value: false })
}
