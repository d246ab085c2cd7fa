import type { Evidence } from '../model/selection.ts'
import type { SelectorSettings } from './settings.ts'
import { dot, factor, solveLower, solveUpper, triangleSize } from './triangle.ts'

/** A normal distribution over the weights of an agent's features, for one kind of task. */
export interface Belief {
  mean: Float64Array
  /** The Cholesky factor of its precision, in units of the noise. */
  lower: Float64Array
  /** Standard deviation of a reward about its mean. */
  noise: number
}

/** A reward that is expected, and the standard deviation of that expectation (not of the reward). */
export interface Expected {
  mean: number
  sd: number
}

/** Ridge regression towards the declared efficiency. In O(d³). */
export function believe(
  { gram, moment, square, weight }: Evidence,
  efficiency: number,
  { doubt, spread, noise, noiseWorth }: SelectorSettings,
): Belief {
  const ridgeOf = (row: number): number => (noise / (row === 0 ? doubt : spread)) ** 2
  const precision = gram.slice()
  for (let row = 0; row < moment.length; row += 1) {
    const diagonal = triangleSize(row) + row
    precision[diagonal] = (precision[diagonal] ?? 0) + ridgeOf(row)
  }
  const lower = factor(precision, moment.length)
  const half = solveLower(
    lower,
    moment.map((sum, at) => sum + (at === 0 ? ridgeOf(0) * efficiency : 0)),
  )
  // What neither the fit nor the way from the efficiency to it explains.
  const unexplained = Math.max(0, square + ridgeOf(0) * efficiency ** 2 - dot(half, half))
  const variance = (noiseWorth * noise ** 2 + unexplained) / (noiseWorth + weight)
  return { mean: solveUpper(lower, half), lower, noise: Math.sqrt(variance) }
}

/** In O(d²). */
export function foresee({ mean, lower, noise }: Belief, features: readonly number[]): Expected {
  const half = solveLower(lower, features)
  return { mean: dot(mean, features), sd: noise * Math.sqrt(dot(half, half)) }
}
