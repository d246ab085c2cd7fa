import {
  cancel,
  definePlugin,
  done,
  type Json,
  type JsonObject,
  type ReactInput,
} from 'slateboard/plugin'

/** Fewer than these are not told of: they could be found out. */
const groupMin = 10
/** Values of one fact that are told apart; further ones count as one. */
const valuesMax = 50
const further = 'other'

export default definePlugin({
  agents: {
    collect: (input) => {
      const facts = factsOf(input)
      const before = objectIn(input.state.profile['counted'])
      const moved = Object.keys({ ...before, ...facts }).filter(
        (fact) => before[fact] !== facts[fact],
      )
      // Nearly always nothing moved; then nothing that all profiles share is written.
      if (moved.length === 0) return cancel('nothing changed')
      const counts = { ...objectIn(input.state.plugin['counts']) }
      const counted: JsonObject = { ...before }
      for (const fact of moved) {
        const group = { ...objectIn(counts[fact]) }
        leave(group, before[fact])
        const entered = enter(group, facts[fact])
        counts[fact] = group
        counted[fact] = entered ?? null
      }
      const kept = Object.entries(counted).filter(([, value]) => value !== null)
      return done({ state: { profile: { counted: Object.fromEntries(kept) }, plugin: { counts } } })
    },
    publish: ({ state, now }) => {
      const all = Object.entries(objectIn(state.plugin['counts']))
      const groups = all.map(([fact, group]) => [fact, Object.entries(objectIn(group))] as const)
      const told = groups.map(([fact, group]) => [fact, group.filter(isLarge)] as const)
      const sizeOf = (list: typeof groups): number =>
        list.reduce((sum, [, group]) => sum + group.length, 0)
      const counts = Object.fromEntries(
        told.map(([fact, group]) => [fact, Object.fromEntries(group)]),
      )
      const suppressed = sizeOf(groups) - sizeOf(told)
      return done({ writes: { report: { value: { at: now, counts, suppressed } } } })
    },
  },
})

const isLarge = ([, count]: [string, Json]): boolean => numberOf(count) >= groupMin

/** What is counted of one customer: names of groups and nothing else. */
function factsOf({ profile }: ReactInput): JsonObject {
  const risk = profile.traits['churn_risk']?.value
  return Object.fromEntries(
    Object.entries({
      segment: objectIn(profile.traits['segment']?.value)['name'],
      action: objectIn(profile.traits['next_best_action']?.value)['action'],
      risk: typeof risk === 'number' ? bandOf(risk) : undefined,
    }).flatMap(([fact, value]) => (typeof value === 'string' ? [[fact, value]] : [])),
  )
}

function bandOf(risk: number): string {
  if (risk >= 0.7) return 'high'
  return risk >= 0.4 ? 'medium' : 'low'
}

function leave(group: JsonObject, value: Json | undefined): void {
  if (typeof value !== 'string') return
  const left = numberOf(group[value]) - 1
  if (left > 0) group[value] = left
  else delete group[value]
}

/** The name that the value is counted under. */
function enter(group: JsonObject, value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  const hasRoom = Object.hasOwn(group, value) || Object.keys(group).length < valuesMax
  const name = hasRoom ? value : further
  group[name] = numberOf(group[name]) + 1
  return name
}

const numberOf = (value: Json | undefined): number => (typeof value === 'number' ? value : 0)

const objectIn = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
