import type { Candidate } from '../../../core/model/selection.ts'
import { qualityOf } from '../../../core/model/score.ts'
import type { Learner } from './learner.ts'
import { createLinUcb } from './linUcb.ts'
import { createOurs } from './ours.ts'
import { createDeclared, createInTurn, createRandomly, createStatic } from './plain.ts'
import { createSoftmax } from './softmax.ts'
import {
  bestOf,
  drawAgent,
  drawTask,
  drift,
  qualityExpected,
  scoreSeen,
  streamOf,
  type SimAgent,
  type SimTask,
} from './world.ts'

export const baselines = [
  'random',
  'round-robin',
  'static best',
  'capability argmax',
  'LinUCB',
  'LinUCB by kind',
  'softmax regression',
] as const
export type LearnerName = 'ours' | (typeof baselines)[number]

const trainTasks = 5000
const testTasks = 1000
const unseenTasks = 1000
/** A learner has recovered once so many choices in a row are 95 % as good as its last ones. */
const windowTasks = 250
const settledTasks = 1000

export interface Tested {
  accuracy: number
  /** Expected quality of the best less that of the chosen, a task. */
  regret: number
  /** Expected calibration error over ten bins; absent for learners that do not say how sure they are. */
  ece?: number
}

export interface Season {
  /** A task, while learning. */
  regret: number
  first: Tested
  drifted: Tested
  /** Outcomes after the drift until its choices were as often right as 5,000 outcomes after, but for 5 %. */
  recovered: number
  /** With an agent more that nobody has seen, after `unseenTasks` outcomes. */
  unseen: Tested
}

/** What draws, and what it draws for: streams of the seed. */
const purposes = {
  agent: 1,
  task: 2,
  noise: 3,
  drift: 4,
  test: 5,
  newcomer: 6,
  learner: 7,
} as const

/** Of the baselines, the best of those tried with seeds 101 to 105, as ours (core/select/settings.ts). */
const tuned = { alpha: 0.25, rate: 0.1 }

interface Sim {
  seed: number
  agents: SimAgent[]
  /** Tasks so far. */
  number: number
}

const candidatesOf = (agents: readonly SimAgent[]): Candidate[] =>
  agents.map(({ id, efficiency }) => ({ agent: id, efficiency }))

/** The agent that is best over the tasks to come. */
function bestOverall({ seed, agents }: Sim): number {
  const tasks = Array.from({ length: 500 }, (_, n) => drawTask(n, streamOf(seed, purposes.test, n)))
  const sums = agents.map((agent) =>
    tasks.reduce((sum, task) => sum + qualityExpected(agent, task), 0),
  )
  return sums.indexOf(Math.max(...sums))
}

function createLearner(name: LearnerName, sim: Sim): Learner {
  const random = streamOf(sim.seed, purposes.learner)
  const made = {
    ours: () => createOurs(random),
    random: () => createRandomly(random),
    'round-robin': createInTurn,
    'static best': () => {
      let of = sim.agents
      let best = bestOverall(sim)
      return createStatic(() => {
        if (of !== sim.agents) [of, best] = [sim.agents, bestOverall(sim)]
        return best
      })
    },
    'capability argmax': createDeclared,
    LinUCB: () => createLinUcb(tuned.alpha, false),
    'LinUCB by kind': () => createLinUcb(tuned.alpha, true),
    'softmax regression': () => createSoftmax(tuned.rate, random),
  } satisfies Record<LearnerName, () => Learner>
  return made[name]()
}

/** What each choice lost. */
function train(sim: Sim, learner: Learner, count: number): number[] {
  const candidates = candidatesOf(sim.agents)
  const losses: number[] = []
  for (let n = 0; n < count; n += 1) {
    sim.number += 1
    const task = drawTask(sim.number, streamOf(sim.seed, purposes.task, sim.number))
    const at = learner.choose(task, candidates)
    const [agent, candidate] = [sim.agents[at], candidates[at]]
    if (!agent || !candidate) throw new RangeError(`there is no agent ${at}`)
    losses.push(lossOf(sim.agents, task, at))
    const noise = streamOf(sim.seed, purposes.noise, sim.number * 16 + at)
    learner.learn(task, candidate, qualityOf(scoreSeen(agent, task, noise)))
  }
  return losses
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

function lossOf(agents: readonly SimAgent[], task: SimTask, at: number): number {
  const qualities = agents.map((agent) => qualityExpected(agent, task))
  return Math.max(...qualities) - (qualities[at] ?? 0)
}

function test({ seed, agents }: Sim, learner: Learner): Tested {
  const candidates = candidatesOf(agents)
  const answers = Array.from({ length: testTasks }, (_, n) => {
    const task = drawTask(n, streamOf(seed, purposes.test, n))
    const { at, confidence } = learner.best(task, candidates)
    return { isBest: at === bestOf(agents, task), confidence, loss: lossOf(agents, task, at) }
  })
  const isSure = answers.every(({ confidence }) => confidence !== undefined)
  return {
    accuracy: meanOf(answers.map(({ isBest }) => (isBest ? 1 : 0))),
    regret: meanOf(answers.map(({ loss }) => loss)),
    ...(isSure ? { ece: eceOf(answers) } : {}),
  }
}

/** How far confidence and accuracy are apart, in ten bins of confidence weighed by what falls in (Naeini, 2015). */
function eceOf(answers: readonly { isBest: boolean; confidence?: number | undefined }[]): number {
  const bins = Map.groupBy(answers, ({ confidence = 0 }) =>
    Math.min(9, Math.floor(confidence * 10)),
  )
  const gaps = [...bins.values()].map((bin) =>
    Math.abs(
      bin.reduce((sum, { isBest, confidence = 0 }) => sum + confidence - (isBest ? 1 : 0), 0),
    ),
  )
  return gaps.reduce((sum, gap) => sum + gap, 0) / answers.length
}

/** One learner through all phases; the same tasks, agents and chances for each of the same seed. */
export function runSeason(seed: number, agentCount: number, name: LearnerName): Season {
  const draw = (n: number): SimAgent => drawAgent(`agent-${n}`, streamOf(seed, purposes.agent, n))
  const sim: Sim = {
    seed,
    agents: Array.from({ length: agentCount }, (_, n) => draw(n)),
    number: 0,
  }
  const learner = createLearner(name, sim)
  const regret = meanOf(train(sim, learner, trainTasks))
  const first = test(sim, learner)
  sim.agents = drift(sim.agents, streamOf(seed, purposes.drift))
  const recovered = recoveryIn(train(sim, learner, trainTasks))
  const drifted = test(sim, learner)
  sim.agents = [...sim.agents, drawAgent('newcomer', streamOf(seed, purposes.newcomer))]
  train(sim, learner, unseenTasks)
  return { regret, first, drifted, recovered, unseen: test(sim, learner) }
}

function recoveryIn(losses: readonly number[]): number {
  const rightIn = (part: readonly number[]): number =>
    meanOf(part.map((loss) => (loss === 0 ? 1 : 0)))
  const settled = rightIn(losses.slice(-settledTasks))
  for (let end = windowTasks; end < losses.length; end += windowTasks / 5) {
    if (rightIn(losses.slice(end - windowTasks, end)) >= 0.95 * settled) return end
  }
  return losses.length
}
