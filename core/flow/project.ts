import {
  expiryOf,
  isNews,
  isVaulted,
  type Author,
  type Provenance,
  type TraitDefinition,
  type TraitState,
} from '../model/trait.ts'
import { jsonEqual, type Json, type JsonObject } from '../model/json.ts'
import { classOf, type Definitions } from './classify.ts'
import { isHeard, rankOver } from './precedence.ts'

/** Traits that one event states about a profile. */
export interface Statement {
  traits: JsonObject
  author: Author
  /** Id of the event. */
  cause: string
  at: Date
  /** The request by which no agent writes these traits from now on. */
  pinned?: string
}

/** A write that changed something; what becomes a change row. A removed trait has no value. */
export interface Write {
  key: string
  /** Undefined when removed, or when the value went to the vault. */
  value: Json | undefined
  /** What stood before in the open. */
  before?: Json | undefined
  provenance: Provenance
}

/** A value on its way to the vault. */
export interface Secret {
  key: string
  value: Json
}

export interface Projection {
  state: TraitState
  writes: Write[]
  secrets: Secret[]
  refused: Refused[]
}

/** A stated trait that was not written. */
export interface Refused {
  key: string
  /** Id of the event that stated it. */
  cause: string
  /** An agent owns the trait, or its schema does not take the value. */
  code: 'trait_owned' | 'trait_value_refused'
  /** The place in the schema that refuses, such as `/maximum`; '' when it is about the trait itself. */
  path: string
}

/** Blind digest of a vaulted value on this profile, to tell whether it changed. */
export type Digest = (key: string, value: Json) => string

export interface Context {
  definitions: Definitions
  profileId: string
  digest: Digest
  /** The time of the server, ISO 8601. */
  sealedAt: string
}

/**
 * Folds statements onto a profile. The latest statement by its own time wins, unless the trait's conflict
 * rule says otherwise, so that a batch in the wrong order ends the same; a value that stands already is no
 * write; null removes; what the trait's schema does not take is refused.
 */
export function project(
  before: TraitState,
  statements: readonly Statement[],
  context: Context,
): Projection {
  const result: Projection = {
    state: { traits: { ...before.traits }, provenance: { ...before.provenance } },
    writes: [],
    secrets: [],
    refused: [],
  }
  const ordered = statements.toSorted(
    (a, b) => a.at.getTime() - b.at.getTime() || (a.cause < b.cause ? -1 : 1),
  )
  for (const statement of ordered) {
    for (const key in statement.traits) {
      const value = statement.traits[key]
      if (value !== undefined) applyValue(result, context, statement, key, value)
    }
  }
  return result
}

function applyValue(
  result: Projection,
  context: Context,
  { author, cause, at, pinned: pins }: Statement,
  key: string,
  value: Json,
): void {
  const { traits, provenance } = result.state
  const definition = context.definitions.get(key)
  const refusal = definition && refusalOf(definition, value)
  if (refusal) {
    result.refused.push({ key, cause, ...refusal })
    return
  }
  const before = own(provenance, key)
  const expiresAt = expiryOf(definition?.ttlMs, at)
  const pinned = pins ?? before?.pinned
  const base = {
    revision: (before?.revision ?? 0) + 1,
    author,
    writtenAt: at.toISOString(),
    confidence: 1,
    cause,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(before?.committed ? { committed: before.committed } : {}),
  }
  if (before && !isHeard(definition, base, before)) return
  const isRepeated =
    before &&
    !before.removed &&
    pinned === before.pinned &&
    !isNews(definition, before, at) &&
    rankOver(definition, base, before) <= 0
  if (value === null) {
    if (!before || before.removed) return
    const { expiresAt: _, ...made } = base
    record(result, key, undefined, { ...made, removed: true })
  } else if (isVaulted(classOf(context.definitions, key, value))) {
    const digest = context.digest(key, value)
    if (isRepeated && before.digest === digest) return
    result.secrets.push({ key, value })
    const vault = context.profileId
    record(result, key, undefined, { ...base, vault, sealedAt: context.sealedAt, digest })
  } else {
    if (isRepeated && jsonEqual(own(traits, key), value)) return
    record(result, key, value, base)
  }
}

/** An agent's trait is not written by events; a removal needs to fit no schema. */
function refusalOf(
  { owner, check }: TraitDefinition,
  value: Json,
): Pick<Refused, 'code' | 'path'> | undefined {
  if (owner) return { code: 'trait_owned', path: '' }
  const path = value === null ? undefined : check?.(value)
  return path === undefined ? undefined : { code: 'trait_value_refused', path }
}

function record(result: Projection, key: string, value: Json | undefined, made: Provenance): void {
  const { traits, provenance } = result.state
  result.writes.push({ key, value, before: own(traits, key), provenance: made })
  provenance[key] = made
  if (value === undefined) delete traits[key]
  else traits[key] = value
}

export const own = <T>(values: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined
