import { z } from 'zod'
import type { Json, JsonObject } from './json.ts'

/** How sensitive a value is. `none` and `pseudonymous` live in the profile row, the rest only in the vault. */
export const dataClasses = ['none', 'pseudonymous', 'contact', 'sensitive', 'special'] as const
export const dataClassSchema = z.enum(dataClasses)
export type DataClass = z.infer<typeof dataClassSchema>

/** Classes whose values are encrypted in the vault and never stand in the profile row, an event or a log. */
export const isVaulted = (dataClass: DataClass): boolean =>
  dataClass !== 'none' && dataClass !== 'pseudonymous'

export const traitKeySchema = z
  .string()
  .min(1)
  .max(120)
  .refine(
    (key) => key !== '__proto__' && !key.includes('\u0000'),
    'a trait key may not be __proto__',
  )

/** Who wrote a value: a source (events), an agent (`plugin/agent`) or a principal. */
export interface Author {
  kind: 'source' | 'agent' | 'principal' | 'system'
  id: string
}

/**
 * Where a value came from, kept per trait beside the values. Short keys: it stands in every profile row.
 * `revision` counts the writes of this trait on this profile, from 1; an agent's commit is refused
 * when the revision it read is no longer current.
 */
export interface Provenance {
  revision: number
  author: Author
  /** ISO 8601 with milliseconds, UTC. */
  writtenAt: string
  /** 0..1; 1 for what a person or system stated. */
  confidence: number
  /** The event, reaction or request that caused the write. */
  cause: string
  expiresAt?: string
  /** Set when the value is in the vault: the profile that it is sealed under. */
  vault?: string
  /** Blind digest of a vaulted value, bound to the profile: tells a no-change write without opening the vault. */
  digest?: string
  /** The trait was removed by this write; the entry stays so that an older write cannot bring it back. */
  removed?: true
}

/** What stands on a profile row: values in the open, and where every value came from. */
export interface TraitState {
  traits: JsonObject
  provenance: Record<string, Provenance>
}

/** The registered schema of a trait. */
export interface TraitDefinition {
  key: string
  dataClass: DataClass
  /** JSON Schema of the value; absent means any JSON. */
  schema?: Json
  /** What the value may be used for; a purpose covers its children. Empty means every purpose. */
  purposes: string[]
  /** `plugin/agent` that alone may write it; null for traits that events write. */
  owner: string | null
  /** Nobody registered it: the class was guessed from the first value seen. */
  guessed?: true
}
