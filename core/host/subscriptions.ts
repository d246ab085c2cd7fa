import { conditionToJsonPath } from '../../blackboard/jsonpath.ts'
import type { AgentManifest, Manifest } from '../model/manifest.ts'
import { nextOf } from './cron.ts'
import { preconditionOf, traitsAsked } from './precondition.ts'

/** What wakes the agents of a plugin, as rows of `replaceSubscriptions`. */
export const subscriptionsOf = ({ id, agents }: Manifest): object[] =>
  agents.flatMap((agent) => {
    const { triggers } = agent
    const common = { agent: `${id}/${agent.id}`, ...termsOf(agent) }
    return [
      ...triggers.events.map((key) => ({ kind: 'event', key, ...common })),
      ...triggers.traits.map((key) => ({ kind: 'trait', key, ...common })),
      ...triggers.crossings.map(({ trait: key, above = null, below = null }) => ({
        kind: 'crossing',
        key,
        above,
        below,
        ...common,
      })),
      ...agent.needs.map(({ trait: key, maxAgeMs = null }) => ({
        kind: 'need',
        key,
        maxAgeMs,
        ...common,
        // A reaction that waits for it has been woken; it is asked of what holds when it runs.
        guard: null,
      })),
      ...(triggers.consents ? [{ kind: 'consent', key: '*', ...common }] : []),
    ]
  })

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
    rating: isFixed ? rating : 0,
    ratingTrait: isFixed ? null : rating.trait,
    deadlineMs,
    visitsMax,
  }
}
