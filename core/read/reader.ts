import type { Ability } from '../../policies/ability.ts'
import type { ProfilePlan } from '../../policies/plan.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { PolicyAction, PolicySubject } from '../model/policy.ts'
import type { Principal } from '../model/principal.ts'
import type { TraitDefinition } from '../model/trait.ts'
import type { Lookup } from './lookup.ts'

/** Who asks, and what the active policy lets them see. The first argument of every read. */
export interface Reader {
  readonly board: Board
  readonly principal: Principal
  readonly ability: Ability
  /** What may be seen of profiles for the principal's purposes. */
  profiles: ProfilePlan
  definitions: ReadonlyMap<string, TraitDefinition>
  readonly lookup: Lookup
  /** Reads the trait definitions anew, when a profile has a trait that the ones at hand do not know. */
  learn(): Promise<void>
}

/** Something that exists and the reader may not see, and which rule says so. */
export interface Redaction {
  key: string
  rule: string
  reason: string
}

/** What no rule permits is withheld by the default, which denies. */
export const asRedaction = (key: string, rule: string | null, reason: string): Redaction => ({
  key,
  rule: rule ?? 'default',
  reason,
})

/** @throws forbidden, naming the principal by id */
export function demand(reader: Reader, action: PolicyAction, subject: PolicySubject): void {
  if (!reader.ability.may(action, subject).allowed) throw forbidden(reader, action, subject)
}

export const forbidden = (reader: Reader, action: PolicyAction, subject: PolicySubject) =>
  fail('forbidden', { principal: reader.principal.id, action: `${action} ${subject}` })
