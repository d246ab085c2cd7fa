/** What one run of a reaction would have left behind. Pure. */
import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { Ending } from '../../flow/react/commit.ts'
import type { Effects } from '../../flow/react/effects.ts'
import type { Memory } from '../../flow/react/memory.ts'
import type { ItemOutcome } from '../../host/host.ts'
import type { Provenance } from '../../model/trait.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Part, Result, Said } from './difference.ts'

/** One run of a reaction, with nothing committed of it. */
export interface Acted {
  row: SliceRow
  memory: Memory | undefined
  outcome: ItemOutcome | undefined
  ending: Ending
}

/** What is looked at, so that both results speak of the same things. */
export interface Scope {
  /** Traits that one of the versions may write. */
  traits: readonly string[]
  /** Keys of state that one of the two runs wrote. */
  profileState: readonly string[]
  pluginState: readonly string[]
}

export function scopeOf(traits: readonly string[], runs: readonly Acted[]): Scope {
  const states = runs.map(({ outcome }) => doneOf(outcome)?.state)
  return {
    traits,
    profileState: [...new Set(states.flatMap((state) => Object.keys(state?.profile ?? {})))],
    pluginState: [...new Set(states.flatMap((state) => Object.keys(state?.plugin ?? {})))],
  }
}

/** Where no version reacts, all stays as it stands. */
export const untouched = (row: SliceRow, { traits }: Pick<Scope, 'traits'>): Result => ({
  says: traits.flatMap((key) => traitSaid(key, row, null)),
})

export function resultOf({ row, memory, outcome, ending }: Acted, scope: Scope): Result {
  if (ending.kind === 'again' && ending.error !== null) return { failed: ending.error }
  const effects = ending.kind === 'done' ? ending.effects : undefined
  const done = doneOf(outcome)
  return {
    says: [
      ...scope.traits.flatMap((key) => traitSaid(key, row, effects?.patch ?? null)),
      ...activationsSaid(done?.activations ?? []),
      ...holdsSaid(done),
      ...intentsSaid(done),
      ...stateSaid('profile_state', scope.profileState, profileState(memory, effects)),
      ...stateSaid('plugin_state', scope.pluginState, pluginState(memory, effects)),
      ...snoozeSaid(outcome),
    ],
  }
}

type Done = Extract<Extract<ItemOutcome, { ok: true }>['outcome'], { kind: 'done' }>

const doneOf = (outcome: ItemOutcome | undefined): Done | undefined =>
  outcome?.ok && outcome.outcome.kind === 'done' ? outcome.outcome : undefined

function traitSaid(key: string, row: SliceRow, patch: Effects['patch']): Said[] {
  if (patch?.removed.includes(key)) return []
  const written = patch && own(patch.traits, key)
  if (patch && written !== undefined) {
    return valueSaid(key, written, patch.provenance[key])
  }
  const entry = row.slice && Object.hasOwn(row.slice, key) ? row.slice[key] : undefined
  if (!entry || entry[1].removed || entry[1].vault !== undefined) return []
  return valueSaid(key, entry[0], entry[1])
}

const valueSaid = (key: string, value: Json, made?: Provenance): Said[] => {
  const { confidence = 1, interval } = made ?? {}
  return [
    { part: 'trait', key, value },
    ...(confidence === 1 ? [] : [{ part: 'confidence' as const, key, value: confidence }]),
    ...(interval ? [{ part: 'interval' as const, key, value: interval }] : []),
  ]
}

/** Several for one purpose and channel count as one thing, whatever their order. */
function activationsSaid(activations: Done['activations']): Said[] {
  const groups = Map.groupBy(activations, ({ purpose, channel }) => `${purpose} by ${channel}`)
  return [...groups].map(([key, group]) => ({
    part: 'activation',
    key,
    value: group.map((one) => JSON.stringify(one)).toSorted(),
  }))
}

/** A hold outlives the release of the same purpose that came with it. */
function holdsSaid(done: Done | undefined): Said[] {
  const said = new Map<string, Json>()
  for (const purpose of done?.releases ?? []) said.set(purpose, 'released')
  for (const { purpose, reason } of done?.holds ?? []) said.set(purpose, { reason })
  return [...said].map(([key, value]) => ({ part: 'hold', key, value }))
}

/** By kind alone: a resource is a text of the version's own. */
function intentsSaid(done: Done | undefined): Said[] {
  const kinds = Map.groupBy(done?.intents ?? [], ({ kind }) => kind)
  const vetoed = (done?.vetoes ?? []).map(({ intent }) => intent).toSorted()
  const listOf = (said: readonly object[]): string[] =>
    said.map((one) => JSON.stringify(one)).toSorted()
  return [
    ...[...kinds].map(([key, said]): Said => ({ part: 'intent', key, value: listOf(said) })),
    ...(vetoed.length > 0 ? [{ part: 'veto' as const, key: 'intents', value: vetoed }] : []),
  ]
}

const profileState = (memory: Memory | undefined, effects: Effects | undefined): JsonObject =>
  effects?.state?.profile ?? memory?.profile ?? {}

function pluginState(memory: Memory | undefined, effects: Effects | undefined): JsonObject {
  const state = { ...memory?.plugin }
  for (const { key, value } of effects?.state?.keys ?? []) {
    if (value === null) delete state[key]
    else state[key] = value
  }
  return state
}

const stateSaid = (part: Part, keys: readonly string[], state: JsonObject): Said[] =>
  keys.flatMap((key) => {
    const value = own(state, key)
    return value === undefined ? [] : [{ part, key, value }]
  })

const snoozeSaid = (outcome: ItemOutcome | undefined): Said[] =>
  outcome?.ok && outcome.outcome.kind === 'snooze'
    ? [{ part: 'ending', key: 'snooze', value: outcome.outcome.ms }]
    : []

const own = (state: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(state, key) ? state[key] : undefined
