/** What an agent's answers are worth, and what follows from it. Pure. */
import { z } from 'zod'

const shareSchema = z.number().min(0).max(1)

/**
 * Each part is a number in [0, 1]; NaN, null and what lies outside are refused. `relevance`: whether it was about what
 * was asked. `completeness`: how much of what was asked it answers. `confidence`: how sure the agent was.
 */
export const scoreSchema = z.strictObject({
  relevance: shareSchema,
  completeness: shareSchema,
  confidence: shareSchema,
})
export type Score = z.infer<typeof scoreSchema>

/**
 *   retained      goes on
 *   recalibrated  goes on, and its makers should look at it
 *   replaced      another agent of its capability should do its work
 */
export const scoreVerdicts = ['retained', 'recalibrated', 'replaced'] as const
export type ScoreVerdict = (typeof scoreVerdicts)[number]

/** From which composite on an agent is kept; part of what officers set. */
export const scoreThresholdsSchema = z
  .strictObject({ replaceAtOrBelow: shareSchema, recalibrateBelow: shareSchema })
  .refine(
    ({ replaceAtOrBelow, recalibrateBelow }) =>
      unitsOf(replaceAtOrBelow) < unitsOf(recalibrateBelow),
    { path: ['recalibrateBelow'], error: 'must be above replaceAtOrBelow' },
  )
export type ScoreThresholds = z.infer<typeof scoreThresholdsSchema>

export const scoreThresholds = {
  replaceAtOrBelow: 0.65,
  recalibrateBelow: 0.7,
} as const satisfies ScoreThresholds

/**
 * Scores are compared in whole billionths. As doubles, three scores of which the mean is a threshold may come to lie on
 * either side of it, and 0.65 has no double of its own; sums of whole numbers are exact. Digits behind the ninth do
 * not count.
 */
const unitsPerOne = 1_000_000_000
const unitsOf = (value: number): number => Math.round(value * unitsPerOne)
const sumUnits = ({ relevance, completeness, confidence }: Score): number =>
  unitsOf(relevance) + unitsOf(completeness) + unitsOf(confidence)

/** The mean of the three, in [0, 1]. */
export const compositeOf = (score: Score): number => sumUnits(score) / (3 * unitsPerOne)

/** What a composite by these thresholds means for the agent. */
export function judgeScore(
  score: Score,
  thresholds: ScoreThresholds = scoreThresholds,
): ScoreVerdict {
  const sum = sumUnits(score)
  if (sum <= 3 * unitsOf(thresholds.replaceAtOrBelow)) return 'replaced'
  return sum < 3 * unitsOf(thresholds.recalibrateBelow) ? 'recalibrated' : 'retained'
}

/** The composite for people: two digits, cut and not rounded, so that none looks better than it is. */
export function printComposite(score: Score): string {
  const hundredths = Math.floor(sumUnits(score) / ((3 * unitsPerOne) / 100))
  return (hundredths / 100).toFixed(2)
}

/** What a bandit learns from where nothing better is known, in [0, 1]: the product, so that no part makes up for another. */
export const qualityOf = ({ relevance, completeness, confidence }: Score): number =>
  relevance * completeness * confidence
