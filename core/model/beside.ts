import { jsonEqual, type Json } from './json.ts'
import type { AgentManifest, Manifest } from './manifest.ts'

/**
 * Why a version cannot run beside another; undefined when it can. Subscriptions, definitions of traits and config are
 * one for both, so these have to be the same; what either writes, the other one has to understand.
 */
export function besideProblem(base: Manifest, next: Manifest): string | undefined {
  const agents = new Map(base.agents.map((agent) => [agent.id, agent]))
  if (agents.size !== next.agents.length || next.agents.some(({ id }) => !agents.has(id))) {
    return 'it has other agents'
  }
  for (const agent of next.agents) {
    const before = agents.get(agent.id)
    if (!before || !isSame(triggersOf(before), triggersOf(agent))) {
      return `something else wakes its agent ${agent.id}`
    }
    if (!isSame(before.writes.toSorted(), agent.writes.toSorted())) {
      return `its agent ${agent.id} writes other traits`
    }
  }
  if (!isSame(traitsOf(base), traitsOf(next))) return 'it defines its traits otherwise'
  if (!isSame(base.config ?? null, next.config ?? null)) return 'it takes another config'
  const [known, kept] = [base.state?.version ?? 0, next.state?.version ?? 0]
  return known === kept ? undefined : `it keeps state of version ${kept} instead of ${known}`
}

const triggersOf = (agent: AgentManifest): unknown => {
  const { triggers, obviations, join, when, needs, rating, priority, deadlineMs, visitsMax } = agent
  return {
    events: triggers.events.toSorted(),
    traits: triggers.traits.toSorted(),
    consents: triggers.consents,
    crossings: triggers.crossings,
    schedules: triggers.schedules,
    objectives: triggers.objectives.toSorted(),
    intents: triggers.intents.toSorted(),
    announces: agent.announces.map(({ kind }) => kind).toSorted(),
    obviations,
    join,
    when,
    needs,
    rating,
    priority,
    deadlineMs,
    visitsMax,
  }
}

const traitsOf = ({ traits }: Manifest): unknown =>
  traits.toSorted((left, right) => (left.key < right.key ? -1 : 1))

const isSame = (left: unknown, right: unknown): boolean => jsonEqual(asJson(left), asJson(right))

/** As JSON says it: what is left out and what is undefined are the same. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))
