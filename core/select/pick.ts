/**
 * Which agent of a capability does a task, and what is learned from how it went.
 *
 * A contextual bandit: Thompson sampling (Agrawal and Goyal, "Thompson Sampling for Contextual Bandits with Linear
 * Payoffs", 2013) over one Bayesian ridge regression for each agent and kind of task, with exponential forgetting as in
 * D-LinUCB (Russac, Vernade and Cappé, "Weighted Linear Bandits for Non-Stationary Environments", 2019) and D-LinTS (Kim
 * and Tewari, "Randomized Exploration for Non-Stationary Stochastic Linear Bandits", 2020). The capability matrix is
 * the mean of the prior, so that an agent that nobody has seen begins with what it says of itself and is doubted most.
 */
import { efficiencyFor, type Candidate, type Evidence, type Task } from '../model/selection.ts'
import { believe, foresee, type Expected } from './belief.ts'
import { chancesOfBest, drawNormal } from './best.ts'
import { addOutcome, evidenceOf } from './evidence.ts'
import { featuresOf } from './feature.ts'
import { selectorSettings, type SelectorSettings } from './settings.ts'

export interface Choice {
  agent: string
  /** The probability that none of the others would do better. */
  confidence: number
  /** The reward that is expected of it, and how far off that may be (one standard deviation). */
  expected: number
  error: number
}

/** The choice and what else there was, the likeliest best first. */
export interface Picked {
  choice: Choice
  others: Choice[]
}

/**
 * Where the past weighs less and less, what it tells of a world that stands still varies half as much as the weights say
 * (the two matrices of D-LinUCB). Drawing goes by the whole of it, since the world may not stand still; what is said of
 * the choice goes by the half, and is calibrated that way.
 */
const surer = Math.SQRT1_2

/** @param next uniform in [0, 1), to draw by; null to take the best that is known and learn nothing new */
export function pick(
  candidates: readonly Candidate[],
  task: Task,
  known: readonly Evidence[],
  next: (() => number) | null,
  settings: SelectorSettings = selectorSettings,
): Picked | null {
  const expected = expectAll(candidates, task, known, settings)
  const drawn = expected.map(({ mean, sd }) => mean + (next ? drawNormal(next) * sd : 0))
  const best = drawn.indexOf(Math.max(...drawn))
  const chances = chancesOfBest(expected.map(({ mean, sd }) => ({ mean, sd: surer * sd })))
  const choices = candidates.map(({ agent }, at) => ({
    agent,
    confidence: chances[at] ?? 0,
    expected: expected[at]?.mean ?? 0,
    error: expected[at]?.sd ?? 0,
  }))
  const choice = choices[best]
  if (!choice) return null
  const others = choices.toSpliced(best, 1)
  return { choice, others: others.toSorted((a, b) => b.confidence - a.confidence) }
}

function expectAll(
  candidates: readonly Candidate[],
  task: Task,
  known: readonly Evidence[],
  settings: SelectorSettings,
): Expected[] {
  const features = featuresOf(task.context)
  return candidates.map(({ agent, efficiency }) => {
    const evidence = evidenceOf(agent, known, features.length, settings)
    return foresee(believe(evidence, efficiencyFor(efficiency, task.kind), settings), features)
  })
}

/** What is known with one outcome more; all of it is of the task's kind. In O(d²). */
export function learn(
  known: readonly Evidence[],
  agent: string,
  task: Task,
  reward: number,
  settings: SelectorSettings = selectorSettings,
): Evidence[] {
  const features = featuresOf(task.context)
  const own = evidenceOf(agent, known, features.length, settings)
  return [
    ...known.filter((evidence) => evidence.agent !== agent),
    addOutcome(own, features, reward, settings),
  ]
}
