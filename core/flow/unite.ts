import { jsonEqual, type Json } from '../model/json.ts'
import {
  isVaulted,
  type MergeRule,
  type Provenance,
  type TraitDefinition,
  type TraitState,
} from '../model/trait.ts'
import { isLater } from './precedence.ts'
import { own, type Context, type Projection, type Write } from './project.ts'

/** A value with where it came from; undefined when it is in the vault or was removed. */
interface Held {
  value: Json | undefined
  made: Provenance
}

/**
 * The traits of profiles that now count as one, by each trait's merge rule; without one the latest value
 * stands, whoever won the merge. The losers' rows stay as they are, so that taking the merge back needs no
 * memory of it: what the winner had before is in its change log. A value that the trait's schema no longer
 * takes is not adopted; one that stands open of a trait that is vaulted by now goes to the vault.
 * @returns what the winner newly adopted.
 */
export function unite(
  winner: TraitState,
  losers: readonly TraitState[],
  context: Context,
): Pick<Projection, 'state' | 'writes' | 'secrets'> {
  const state = { traits: { ...winner.traits }, provenance: { ...winner.provenance } }
  const united: Pick<Projection, 'state' | 'writes' | 'secrets'> = {
    state,
    writes: [],
    secrets: [],
  }
  for (const loser of losers) {
    for (const key in loser.provenance) {
      const theirs = heldOf(loser, key)
      if (!theirs) continue
      const definition = context.definitions.get(key)
      const adopted = adopt(definition, theirs, heldOf(state, key))
      if (!adopted || isRefused(definition, adopted.value)) continue
      keep(united, context, key, adopted)
    }
  }
  return united
}

function heldOf({ traits, provenance }: TraitState, key: string): Held | undefined {
  const made = own(provenance, key)
  return made && { made, value: own(traits, key) }
}

const isRefused = (definition: TraitDefinition | undefined, value: Json | undefined): boolean =>
  value !== undefined && definition?.check?.(value) !== undefined

/** What the winner takes over, or undefined when its own stands. */
function adopt(
  definition: TraitDefinition | undefined,
  theirs: Held,
  ours: Held | undefined,
): Held | undefined {
  if (!ours) return raised(theirs, 0)
  const [their, our] = [protectionOf(theirs), protectionOf(ours)]
  if (their + our > 0) {
    const isTheirs = their > our || (their === our && isLater(theirs.made, ours.made))
    return isTheirs ? raised(theirs, ours.made.revision) : undefined
  }
  const rule = definition?.mergeRule ?? 'latest'
  const computed = isStanding(theirs) && isStanding(ours) ? compute(rule, ours, theirs) : undefined
  if (computed !== undefined && !isRefused(definition, computed)) {
    if (jsonEqual(computed, ours.value)) return undefined
    return raised({ value: computed, made: madeOf(theirs.made, ours.made) }, ours.made.revision)
  }
  return prefers(rule, theirs.made, ours.made) ? raised(theirs, ours.made.revision) : undefined
}

/**
 * What a person had taken out of the agents' hands stands over what somebody committed to, and that over all else; of two
 * such words the later.
 */
const protectionOf = ({ made: { pinned, committed } }: Held): number =>
  pinned !== undefined ? 2 : committed ? 1 : 0

/**
 * Of a value that nobody said, and that nobody estimated. By the later of both times: what was said before it is not
 * heard over it.
 */
function madeOf(theirs: Provenance, ours: Provenance): Provenance {
  const { interval: _, ...later } = isLater(theirs, ours) ? theirs : ours
  return {
    ...later,
    author: { kind: 'system', id: 'merge' },
    confidence: Math.min(theirs.confidence, ours.confidence),
  }
}

const isStanding = ({ value, made }: Held): boolean => value !== undefined && !made.removed

function raised({ value, made }: Held, revision: number): Held {
  return { value, made: { ...made, revision: Math.max(revision, made.revision) + 1 } }
}

/** A removal is a word like any other under `latest`; the other rules choose among values that stand. */
function prefers(rule: MergeRule, theirs: Provenance, ours: Provenance): boolean {
  if (theirs.removed || ours.removed) return isLater(theirs, ours)
  if (rule === 'oldest') return isLater(ours, theirs)
  if (rule === 'most_confident' && theirs.confidence !== ours.confidence) {
    return theirs.confidence > ours.confidence
  }
  return isLater(theirs, ours)
}

/** Undefined when the rule computes nothing of these values. */
function compute(
  rule: MergeRule,
  { value: ours }: Held,
  { value: theirs }: Held,
): Json | undefined {
  if (rule === 'union') {
    if (!Array.isArray(ours) || !Array.isArray(theirs)) return undefined
    const known = new Set(ours.map((item) => JSON.stringify(item)))
    return [...ours, ...theirs.filter((item) => !known.has(JSON.stringify(item)))]
  }
  if (typeof ours !== 'number' || typeof theirs !== 'number') return undefined
  if (rule === 'sum') return Number.isFinite(ours + theirs) ? ours + theirs : undefined
  if (rule === 'max') return Math.max(ours, theirs)
  return rule === 'min' ? Math.min(ours, theirs) : undefined
}

function keep(
  { state, writes, secrets }: Pick<Projection, 'state' | 'writes' | 'secrets'>,
  { definitions, digest, profileId, sealedAt }: Context,
  key: string,
  { value, made }: Held,
): void {
  const definition = definitions.get(key)
  const isSecret =
    value !== undefined && definition !== undefined && isVaulted(definition.dataClass)
  const provenance = isSecret
    ? { ...made, vault: profileId, sealedAt, digest: digest(key, value) }
    : made
  if (isSecret) secrets.push({ key, value })
  if (isSecret || value === undefined) delete state.traits[key]
  else state.traits[key] = value
  state.provenance[key] = provenance
  const write: Write = { key, value: isSecret ? undefined : value, provenance }
  writes.push(write)
}
