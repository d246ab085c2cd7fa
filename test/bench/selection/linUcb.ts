import { greatest, vectorOf, type Learner } from './learner.ts'
import type { SimTask } from './world.ts'

interface Arm {
  /** d × d, row by row. */
  inverse: Float64Array
  moment: Float64Array
  mean: Float64Array
}

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0)
  return sum
}

function times(matrix: Float64Array, vector: ArrayLike<number>): Float64Array {
  const d = vector.length
  const product = new Float64Array(d)
  for (let row = 0; row < d; row += 1) {
    product[row] = dot(matrix.subarray(row * d, row * d + d), vector)
  }
  return product
}

const armOf = (d: number): Arm => ({
  inverse: Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0)),
  moment: new Float64Array(d),
  mean: new Float64Array(d),
})

/** Sherman and Morrison. */
function add({ inverse, moment }: Arm, x: readonly number[], reward: number): Arm {
  const d = x.length
  const toward = times(inverse, x)
  const scale = 1 + dot(toward, x)
  const next = inverse.map(
    (value, at) => value - ((toward[Math.floor(at / d)] ?? 0) * (toward[at % d] ?? 0)) / scale,
  )
  const sum = moment.map((value, at) => value + reward * (x[at] ?? 0))
  return { inverse: next, moment: sum, mean: times(next, sum) }
}

/**
 * LinUCB with disjoint arms (Li, Chu, Langford and Schapire, 2010). `byKind` gives it a model for each agent and kind,
 * which is what ours has, so that what is left between the two is forgetting, prior and drawing.
 */
export function createLinUcb(alpha: number, byKind: boolean): Learner {
  const arms = new Map<string, Arm>()
  const keyOf = (agent: string, { kind }: SimTask) => (byKind ? `${agent} ${kind}` : agent)
  const find = (agent: string, task: SimTask): Arm =>
    arms.get(keyOf(agent, task)) ?? armOf(vectorOf(task).length)
  return {
    choose: (task, agents) => {
      const x = vectorOf(task)
      return greatest(
        agents.map(({ agent }) => {
          const { mean, inverse } = find(agent, task)
          return dot(mean, x) + alpha * Math.sqrt(dot(times(inverse, x), x))
        }),
      )
    },
    learn: (task, { agent }, reward) =>
      void arms.set(keyOf(agent, task), add(find(agent, task), vectorOf(task), reward)),
    best: (task, agents) => {
      const x = vectorOf(task)
      return { at: greatest(agents.map(({ agent }) => dot(find(agent, task).mean, x))) }
    },
  }
}
