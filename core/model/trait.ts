import { z } from 'zod'
import type { Interval } from './interval.ts'
import type { Json, JsonObject } from './json.ts'
import type { TraitCheck } from './traitCheck.ts'

/** How sensitive a value is. `none` and `pseudonymous` live in the profile row, the rest only in the vault. */
export const dataClasses = ['none', 'pseudonymous', 'contact', 'sensitive', 'special'] as const
export const dataClassSchema = z.enum(dataClasses)
export type DataClass = z.infer<typeof dataClassSchema>

/** Classes whose values are encrypted in the vault and never stand in the profile row, an event or a log. */
export const isVaulted = (dataClass: DataClass): boolean =>
  dataClass !== 'none' && dataClass !== 'pseudonymous'

/** The class that asks for more care. */
export const stricter = (one: DataClass, other: DataClass): DataClass =>
  dataClasses.indexOf(one) >= dataClasses.indexOf(other) ? one : other

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
  /** Of a number that is an estimate. */
  interval?: Interval
  /** The event, reaction or request that caused the write. */
  cause: string
  expiresAt?: string
  /** Set when the value is in the vault: the profile that it is sealed under. */
  vault?: string
  /** When it was sealed, by the server's clock; `writtenAt` is the event's own and may be years older. */
  sealedAt?: string
  /** Blind digest of a vaulted value, bound to the profile: tells a no-change write without opening the vault. */
  digest?: string
  /** The trait was removed by this write; the entry stays so that an older write cannot bring it back. */
  removed?: true
  /** The request of the person by which no agent writes the trait, value or none, until that is lifted. */
  pinned?: string
  /** What somebody promised of the trait: an agent's write that breaks it waits for approval. */
  committed?: Commitment
  /** Of a shared trait: the priority of the agent that wrote it. */
  priority?: number
  /** Of a shared trait that is voted on: the latest word of each agent, by `plugin/agent`. */
  words?: Record<string, Ballot>
}

/** A trait of a profile that a person answers for. */
export interface Commitment {
  /** The principal who said so. */
  by: string
  /** ISO 8601, UTC. */
  at: string
  /** JSON Schema of what agents may write all the same; without it nothing but what stands. */
  allows?: Json
}

/** What an agent said of a trait, whether or not it stands. */
export interface Ballot {
  /** Absent where it would remove the trait. */
  value?: Json
  confidence: number
  /** ISO 8601, UTC. */
  at: string
}

/** What stands on a profile row: values in the open, and where every value came from. */
export interface TraitState {
  traits: JsonObject
  provenance: Record<string, Provenance>
}

/**
 * Which of two writers is heard when they do not agree; of one author, and where the rule sees no difference,
 * always the later word.
 *
 *   latest      the later word, by its own time
 *   owner       the word of an owner, whenever it was said
 *   priority    the word of the owner who stands first among `owners`
 *   confidence  the word said with more confidence
 *   vote        among agents, the value that most of them say; else as latest
 *   escalate    among agents, what stands until a person decides; else as latest
 *
 * Agents meet on one trait only where its plugin shares it; of them `core/model/conflict.ts` decides.
 */
export const conflictRules = [
  'latest',
  'owner',
  'priority',
  'confidence',
  'vote',
  'escalate',
] as const
export const conflictRuleSchema = z.enum(conflictRules)
export type ConflictRule = z.infer<typeof conflictRuleSchema>

/** What becomes of the two values when two profiles turn out to be one person. */
export const mergeRules = [
  'latest',
  'oldest',
  'most_confident',
  'union',
  'sum',
  'max',
  'min',
] as const
export const mergeRuleSchema = z.enum(mergeRules)
export type MergeRule = z.infer<typeof mergeRuleSchema>

/** Merge rules that compute with both values, which sealed ones do not allow. */
export const isComputed = (rule: MergeRule): boolean =>
  rule === 'union' || rule === 'sum' || rule === 'max' || rule === 'min'

/** How a plugin lets agents beside one of its own write a trait of it. */
export type Sharing = {
  /** How long a word stands in the way of another agent's, in milliseconds; for ever where it is left out. */
  windowMs?: number
  /** Of a vote: how many agents have to say a value before it replaces what stands. Default 1. */
  quorum?: number
}

/** The registered schema of a trait. */
export interface TraitDefinition {
  key: string
  dataClass: DataClass
  /** JSON Schema of the value; absent means any JSON. */
  schema?: Json
  /**
   * What the value may be used for, as far as the sources of its writer allow; a purpose covers its children.
   * Empty means every purpose, `noPurpose` none.
   */
  purposes: string[]
  /** Why it counts as special although its class is another; absent when it does not. */
  specialBy?: readonly string[]
  /** `plugin/agent` that alone may write it, unless it is shared; null for traits that events write. */
  owner: string | null
  /** Nobody registered it: the class was guessed from the first value seen. */
  guessed?: true
  /** Counts the definitions of this trait, from 1. */
  version?: number
  /** Authors whose word counts under the conflict rules owner and priority, as `authorName` writes them. */
  owners?: readonly string[]
  conflictRule?: ConflictRule
  mergeRule?: MergeRule
  /** Several agents may write it; absent where only its owner does. */
  shares?: Sharing
  /** A value written longer ago is stale: still shown, and told to be. */
  freshnessMs?: number
  /** The shortest age, in milliseconds, that an agent puts up with in what it needs. */
  neededMs?: number
  /** A value written longer ago has expired: no longer shown or used. */
  ttlMs?: number
  /** When an officer declared a vaulted trait open; ISO 8601. Values sealed before are readable as the class says. */
  openedAt?: string
  /** `schema`, compiled. Refuses every value when the schema is none that we can check. */
  check?: TraitCheck
}

/** The class that rules and the gate go by: what tells of health is special wherever it stands. */
export const ruleClass = ({
  dataClass,
  specialBy = [],
}: Pick<TraitDefinition, 'dataClass' | 'specialBy'>): DataClass =>
  specialBy.length > 0 ? 'special' : dataClass

/** How `owners` names an author: `source:shop`, `agent:plugin/agent`, `principal:01J…`. */
export const authorName = ({ kind, id }: Author): string => `${kind}:${id}`

/**
 * Whether a value may be handled by the class of its definition. One in the vault may not when the
 * definition is open: it was sealed because it looked personal, and rules about an open class are not about
 * it. Unless an officer said after the sealing that the trait is open.
 */
export function isSettled(
  { vault, sealedAt, writtenAt }: Pick<Provenance, 'vault' | 'sealedAt' | 'writtenAt'>,
  definition: Pick<TraitDefinition, 'dataClass' | 'guessed' | 'openedAt'> | undefined,
): boolean {
  if (vault === undefined) return true
  if (!definition) return false
  if (isVaulted(definition.dataClass)) return true
  const { guessed, openedAt } = definition
  return (
    !guessed && openedAt !== undefined && Date.parse(sealedAt ?? writtenAt) < Date.parse(openedAt)
  )
}

/** When a value expires: as its writer says, and never later than the trait's lifetime allows. */
export function expiryOf(
  ttlMs: number | undefined,
  writtenAt: Date,
  given?: string,
): string | undefined {
  if (ttlMs === undefined) return given
  const latest = new Date(writtenAt.getTime() + ttlMs).toISOString()
  return given !== undefined && Date.parse(given) < Date.parse(latest) ? given : latest
}

export const isExpired = ({ expiresAt }: Pick<Provenance, 'expiresAt'>, now: Date): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime()

/**
 * Whether a value that stands already is worth a write when it is stated again. It is when it has expired,
 * when half of its lifetime has passed, or of the age that an agent puts up with, so that it lives on, and when it has
 * no end and is to have one now. Else it would only wake agents.
 */
export function isNews(
  definition: Pick<TraitDefinition, 'freshnessMs' | 'ttlMs' | 'neededMs'> | undefined,
  standing: Pick<Provenance, 'writtenAt' | 'expiresAt'>,
  at: Date,
): boolean {
  if (isExpired(standing, at)) return true
  const { freshnessMs = Infinity, ttlMs, neededMs = Infinity } = definition ?? {}
  if (ttlMs !== undefined && standing.expiresAt === undefined) return true
  const lifetimeMs = Math.min(freshnessMs, ttlMs ?? Infinity, neededMs)
  return at.getTime() - Date.parse(standing.writtenAt) >= lifetimeMs / 2
}

/** Whether a value was written longer ago than its definition calls fresh; without a word on it, never. */
export const isStale = (
  definition: Pick<TraitDefinition, 'freshnessMs'> | undefined,
  { writtenAt }: Pick<Provenance, 'writtenAt'>,
  now: Date,
): boolean =>
  definition?.freshnessMs !== undefined &&
  now.getTime() - Date.parse(writtenAt) > definition.freshnessMs
