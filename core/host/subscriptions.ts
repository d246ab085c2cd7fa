import { conditionToJsonPath } from '../../blackboard/jsonpath.ts'
import type { AgentManifest, Manifest } from '../model/manifest.ts'
import { nextOf } from './cron.ts'
import { asksIntervals, preconditionOf, traitsAsked } from './precondition.ts'

/** What wakes the agents of a plugin, as rows of `replaceSubscriptions`. */
export const subscriptionsOf = ({ id, agents }: Manifest): object[] =>
  agents.flatMap((agent) => {
    const triggers = triggersOf(agent)
    const common = { agent: `${id}/${agent.id}`, ...termsOf(agent), ...joinOf(agent) }
    return [
      ...triggers.map((trigger, slot) => ({ ...trigger, ...common, slot })),
      // It wakes everybody, and nobody in particular: no join counts it.
      ...agent.triggers.objectives.map((key) => ({
        kind: 'objective',
        key,
        ...common,
        slot: 0,
        need: 1,
        joinMs: null,
      })),
      ...followersOf(agent).map((follower) => ({ ...follower, ...common, slot: 0, guard: null })),
      // What became of its own intents, whatever its precondition.
      ...(agent.announces.length > 0
        ? [{ kind: 'outcome', key: common.agent, ...common, slot: 0, guard: null }]
        : []),
      ...agent.needs.map(({ trait: key, maxAgeMs = null }) => ({
        kind: 'need',
        key,
        maxAgeMs,
        ...common,
        slot: 0,
        // A reaction that waits for it has been woken; it is asked of what holds when it runs.
        guard: null,
      })),
    ]
  })

/** What changes reactions that are pending already. */
const followersOf = ({ obviations, rating }: AgentManifest) => [
  ...obviations.events.map((key) => ({ kind: 'obviating_event', key })),
  ...obviations.traits.map((key) => ({ kind: 'obviating_trait', key })),
  ...(typeof rating === 'number' ? [] : [{ kind: 'rating', key: rating.trait }]),
]

/** What each of its triggers subscribes to; a join counts them by their place here. */
export const triggersOf = ({ triggers }: AgentManifest) => [
  ...triggers.events.map((key) => ({ kind: 'event', key })),
  ...triggers.traits.map((key) => ({ kind: 'trait', key })),
  ...triggers.crossings.map(({ trait: key, above = null, below = null }) => ({
    kind: 'crossing',
    key,
    above,
    below,
  })),
  ...(triggers.consents ? [{ kind: 'consent', key: '*' }] : []),
  ...triggers.intents.map((key) => ({ kind: 'intent', key })),
]

function joinOf(agent: AgentManifest): { need: number; joinMs: number | null } {
  const { join } = agent
  if (join === undefined) return { need: 1, joinMs: null }
  const need = join.need === 'all' ? triggersOf(agent).length : join.need
  return { need, joinMs: join.withinMs }
}

/** When the agents of a plugin are woken by the clock, as rows of `replaceSchedules`. */
export const schedulesOf = ({ id, agents }: Manifest, now: Date): object[] =>
  agents.flatMap((agent) =>
    agent.triggers.schedules.flatMap((schedule) => {
      const nextAt = nextOf(schedule, now)
      return nextAt === null
        ? []
        : [{ ...schedule, ...termsOf(agent), agent: `${id}/${agent.id}`, nextAt }]
    }),
  )

function termsOf(agent: AgentManifest) {
  const { priority, rating, deadlineMs = null, visitsMax } = agent
  const when = preconditionOf(agent)
  const isFixed = typeof rating === 'number'
  return {
    priority,
    guard: when ? conditionToJsonPath(when) : null,
    guardKeys: when ? traitsAsked(when) : [],
    asksIntervals: when !== undefined && asksIntervals(when),
    rating: isFixed ? rating : 0,
    ratingTrait: isFixed ? null : rating.trait,
    deadlineMs,
    visitsMax,
  }
}
