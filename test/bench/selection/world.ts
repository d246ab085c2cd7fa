/**
 * The generator of the bench: agents with skills in three domains, tasks that need some of them, and what comes of it.
 * Everything follows from one seed by Mulberry32; `streamOf` gives each purpose (agents, tasks, noise of one task and
 * agent, drift) a stream of its own, so that what one learner chooses moves no chance of another.
 */
import { createRandom, type Random } from '../../../api/demo/random.ts'

const domains = ['content', 'timing', 'offer'] as const
const skillCount = 8

interface Place {
  /** What the agent can do there, each in [0, 1]. */
  skills: number[]
  /** How much of its answers is about what was asked, in [0, 1]. */
  affinity: number
}

export interface SimAgent {
  id: string
  places: Map<string, Place>
  reliability: number
  /** 1 loses nothing by urgency. */
  pace: number
  /** What its makers say of it: the truth for the average task, with an error that they do not know. */
  efficiency: Record<string, number>
}

export interface SimTask {
  number: number
  kind: string
  needs: number[]
  urgency: number
}

export const streamOf = (seed: number, purpose: number, number = 0): Random =>
  createRandom(seed * 7_919 + purpose * 104_729 + number * 15_485_863)

const spread = (random: Random, from: number, to: number): number =>
  from + random.next() * (to - from)
const clip = (value: number): number => Math.min(1, Math.max(0, value))
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))

function drawPlace(random: Random): Place {
  const level = spread(random, 0.35, 0.8)
  return {
    skills: many(skillCount, () => clip(level + spread(random, -0.35, 0.35))),
    affinity: spread(random, 0.6, 1),
  }
}

/** Standard deviation of what makers say about the truth. */
const boast = 0.12
/** Of mean 0 and deviation 1. */
const roughlyNormal = (random: Random): number =>
  many(12, () => random.next()).reduce((sum, value) => sum + value, -6)

export function drawAgent(id: string, random: Random): SimAgent {
  const agent: SimAgent = {
    id,
    places: new Map(domains.map((kind) => [kind, drawPlace(random)])),
    reliability: spread(random, 0.75, 1),
    pace: random.next(),
    efficiency: {},
  }
  const average = { number: 0, needs: many(skillCount, () => 0.5), urgency: 0.5 }
  for (const kind of domains) {
    const truth = qualityExpected(agent, { ...average, kind })
    agent.efficiency[kind] = clip(truth + boast * roughlyNormal(random))
  }
  return agent
}

export function drawTask(number: number, random: Random): SimTask {
  return {
    number,
    kind: random.pick(domains),
    needs: many(skillCount, () => random.next()),
    urgency: random.next(),
  }
}

/** Half of the places of the agents become others; what makers say stays as it was. */
export function drift(agents: readonly SimAgent[], random: Random): SimAgent[] {
  return agents.map((agent) => ({
    ...agent,
    places: new Map(
      [...agent.places].map(([kind, place]) => [
        kind,
        random.next() < 0.5 ? drawPlace(random) : place,
      ]),
    ),
  }))
}

interface Parts {
  relevance: number
  completeness: number
  confidence: number
}

function partsOf(agent: SimAgent, task: SimTask): Parts {
  const { skills, affinity } = agent.places.get(task.kind) ?? { skills: [], affinity: 0 }
  const needed = task.needs.reduce((sum, need) => sum + need, 0)
  const met = task.needs.reduce((sum, need, at) => sum + need * (skills[at] ?? 0), 0)
  return {
    completeness: needed === 0 ? 1 : met / needed,
    relevance: affinity * (1 - task.urgency * (1 - agent.pace) * 0.4),
    confidence: agent.reliability,
  }
}

export function qualityExpected(agent: SimAgent, task: SimTask): number {
  const { relevance, completeness, confidence } = partsOf(agent, task)
  return relevance * completeness * confidence
}

/** What is seen of one try: each part with noise of mean 0 that keeps it in [0, 1], so the product's mean is as expected. */
export function scoreSeen(agent: SimAgent, task: SimTask, random: Random): Parts {
  const parts = partsOf(agent, task)
  const blur = (mean: number): number =>
    mean + spread(random, -1, 1) * 0.6 * Math.min(mean, 1 - mean)
  return {
    relevance: blur(parts.relevance),
    completeness: blur(parts.completeness),
    confidence: blur(parts.confidence),
  }
}

export function bestOf(agents: readonly SimAgent[], task: SimTask): number {
  const qualities = agents.map((agent) => qualityExpected(agent, task))
  return qualities.indexOf(Math.max(...qualities))
}
