import { isVaulted, type Author, type Provenance, type TraitState } from '../model/trait.ts'
import { jsonEqual, type Json, type JsonObject } from '../model/json.ts'
import { classOf, type Definitions } from './classify.ts'

/** Traits that one event states about a profile. */
export interface Statement {
  traits: JsonObject
  author: Author
  /** Id of the event. */
  cause: string
  at: Date
}

/** A write that changed something; what becomes a change row. A removed trait has no value. */
export interface Write {
  key: string
  /** Undefined when removed, or when the value went to the vault. */
  value: Json | undefined
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
  /** Keys that events may not write because an agent owns them. */
  refused: string[]
}

/** Blind digest of a vaulted value on this profile, to tell whether it changed. */
export type Digest = (key: string, value: Json) => string

interface Context {
  definitions: Definitions
  profileId: string
  digest: Digest
}

/**
 * Folds statements onto a profile. The latest statement by its own time wins, so that a batch in the wrong
 * order ends the same; a value that stands already is no write; null removes.
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
  { author, cause, at }: Statement,
  key: string,
  value: Json,
): void {
  const { traits, provenance } = result.state
  if (context.definitions.get(key)?.owner) {
    result.refused.push(key)
    return
  }
  const before = own(provenance, key)
  const writtenAt = at.toISOString()
  if (before && !isLater({ writtenAt, cause }, before)) return
  const base = { revision: (before?.revision ?? 0) + 1, author, writtenAt, confidence: 1, cause }
  if (value === null) {
    if (!before || before.removed) return
    delete traits[key]
    record(result, key, undefined, { ...base, removed: true })
  } else if (isVaulted(classOf(context.definitions, key, value))) {
    const digest = context.digest(key, value)
    if (before?.digest === digest) return
    delete traits[key]
    result.secrets.push({ key, value })
    record(result, key, undefined, { ...base, vault: context.profileId, digest })
  } else {
    if (before && !before.removed && jsonEqual(own(traits, key), value)) return
    traits[key] = value
    record(result, key, value, base)
  }
}

/** The order of writes: by their own time, those of one moment by what caused them, so that all nodes agree. */
function isLater(write: Stamp, standing: Stamp): boolean {
  return write.writtenAt === standing.writtenAt
    ? write.cause > standing.cause
    : write.writtenAt > standing.writtenAt
}

type Stamp = Pick<Provenance, 'writtenAt' | 'cause'>

function record(result: Projection, key: string, value: Json | undefined, made: Provenance): void {
  result.state.provenance[key] = made
  result.writes.push({ key, value, provenance: made })
}

const own = <T>(values: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined

/**
 * The traits of profiles that now count as one: per trait the latest value stands, whoever won the merge.
 * The losers' rows stay as they are, so that taking the merge back needs no memory of it.
 * @returns what the winner newly adopted.
 */
export function unite(
  winner: TraitState,
  losers: readonly TraitState[],
): Pick<Projection, 'state' | 'writes'> {
  const state = { traits: { ...winner.traits }, provenance: { ...winner.provenance } }
  const writes: Write[] = []
  for (const loser of losers) {
    for (const key in loser.provenance) {
      const theirs = own(loser.provenance, key)
      const ours = own(state.provenance, key)
      if (!theirs || (ours && !isLater(theirs, ours))) continue
      const value = own(loser.traits, key)
      const made = { ...theirs, revision: Math.max(ours?.revision ?? 0, theirs.revision) + 1 }
      if (value === undefined) delete state.traits[key]
      else state.traits[key] = value
      state.provenance[key] = made
      writes.push({ key, value, provenance: made })
    }
  }
  return { state, writes }
}
