/**
 * Evidence as one array of sums, as the blackboard adds it up. With d features, in this order: weight, reward²,
 * relevance, completeness and confidence; then d of reward by feature; then the lower triangle of feature by feature.
 */
import type { Score } from '../model/score.ts'
import type { Evidence } from '../model/selection.ts'
import { triangleSize } from './triangle.ts'

const headSize = 5

/** @param scores the three parts, each summed with the weights of the evidence */
export const packSums = (
  { weight, square, moment, gram }: Evidence,
  { relevance, completeness, confidence }: Score,
): number[] => [weight, square, relevance, completeness, confidence, ...moment, ...gram]

export function unpackSums({
  agent,
  outcomes,
  others,
  sums,
}: Pick<Evidence, 'agent' | 'outcomes' | 'others'> & { sums: readonly number[] }): Evidence {
  const [weight = 0, square = 0] = sums
  const d = featureCount(sums.length - headSize)
  const moment = sums.slice(headSize, headSize + d)
  return { agent, outcomes, others, weight, square, moment, gram: sums.slice(headSize + d) }
}

/** The d of which d + d(d + 1)/2 is the size. */
function featureCount(size: number): number {
  let d = 0
  while (d + triangleSize(d) < size) d += 1
  return d
}
