import type { Random } from '../../../api/demo/random.ts'
import type { Candidate } from '../../../core/model/selection.ts'
import { greatest, vectorOf, type Learner } from './learner.ts'
import type { SimTask } from './world.ts'

/**
 * Softmax regression over the agents, taught by what its own choices came to: the gradient of the expected reward
 * (Williams' REINFORCE, 1992), with the mean reward as its baseline.
 */
export function createSoftmax(rate: number, random: Random): Learner {
  const weights = new Map<string, number[]>()
  let mean = 0
  let seen = 0
  let asked: readonly Candidate[] = []

  const sharesOf = (task: SimTask, agents: readonly Candidate[]): number[] => {
    const x = vectorOf(task)
    const scores = agents.map(({ agent }) =>
      (weights.get(agent) ?? []).reduce((sum, weight, at) => sum + weight * (x[at] ?? 0), 0),
    )
    const top = Math.max(...scores)
    const powers = scores.map((score) => Math.exp(score - top))
    const total = powers.reduce((sum, power) => sum + power, 0)
    return powers.map((power) => power / total)
  }

  return {
    choose: (task, agents) => {
      asked = agents
      let left = random.next()
      const at = sharesOf(task, agents).findIndex((share) => (left -= share) < 0)
      return at < 0 ? agents.length - 1 : at
    },
    learn: (task, { agent: chosen }, reward) => {
      const x = vectorOf(task)
      const shares = sharesOf(task, asked)
      const gain = rate * (reward - mean)
      asked.forEach(({ agent }, at) => {
        const pull = gain * ((agent === chosen ? 1 : 0) - (shares[at] ?? 0))
        const known = weights.get(agent) ?? x.map(() => 0)
        weights.set(
          agent,
          known.map((weight, i) => weight + pull * (x[i] ?? 0)),
        )
      })
      seen += 1
      mean += (reward - mean) / Math.min(seen, 500)
    },
    best: (task, agents) => {
      const shares = sharesOf(task, agents)
      const at = greatest(shares)
      return { at, confidence: shares[at] ?? 0 }
    },
  }
}
