import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  compositeOf,
  judgeScore,
  printComposite,
  qualityOf,
  scoreSchema,
  scoreThresholds,
  scoreThresholdsSchema,
  scoreVerdicts,
  type Score,
} from '../../../core/model/score.ts'

const scoreOf = (relevance: number, completeness: number, confidence: number): Score => ({
  relevance,
  completeness,
  confidence,
})
const same = (value: number): Score => scoreOf(value, value, value)

const shares = fc.double({ min: 0, max: 1, noNaN: true })
const scores = fc.record({ relevance: shares, completeness: shares, confidence: shares })
const parts = ['relevance', 'completeness', 'confidence'] as const

test.each([
  ['PersonalizerX', scoreOf(0.89, 0.91, 0.88), '0.89', 'retained'],
  ['ContentCuratorV2', scoreOf(0.71, 0.68, 0.64), '0.67', 'recalibrated'],
  ['AdOptimizer3', scoreOf(0.63, 0.55, 0.51), '0.56', 'replaced'],
  ['CRMRelayAgent', scoreOf(0.78, 0.81, 0.85), '0.81', 'retained'],
  ['PrivacyCheckerAI', scoreOf(0.74, 0.79, 0.69), '0.74', 'retained'],
])('%s comes to what was published of it', (_, score, printed, verdict) => {
  expect(printComposite(score)).toBe(printed)
  expect(judgeScore(score)).toBe(verdict)
})

test.each([
  [same(0.65), 'replaced'],
  [scoreOf(0.6, 0.65, 0.7), 'replaced'],
  [scoreOf(0.7, 0.6, 0.65), 'replaced'],
  [scoreOf(0.35, 0.8, 0.8), 'replaced'],
  [same(0.6501), 'recalibrated'],
  [scoreOf(0.65, 0.65, 0.650_000_01), 'recalibrated'],
  [same(0.6999), 'recalibrated'],
  [same(0.7), 'retained'],
  [scoreOf(0.1, 1, 1), 'retained'],
  [scoreOf(0.8, 0.6, 0.7), 'retained'],
])('a mean at a threshold falls on its side, whatever it is the mean of: %o', (score, verdict) => {
  expect(judgeScore(score)).toBe(verdict)
})

test('every way to write a mean of 0.65 in hundredths is replaced, and of 0.70 retained', () => {
  const hundredths = Array.from({ length: 101 }, (_, n) => n)
  const verdictsAt = (sum: number) =>
    hundredths.flatMap((one) =>
      hundredths
        .filter((two) => sum - one - two >= 0 && sum - one - two <= 100)
        .map((two) => judgeScore(scoreOf(one / 100, two / 100, (sum - one - two) / 100))),
    )
  expect(verdictsAt(195).length).toBeGreaterThan(3000)
  expect(new Set(verdictsAt(195))).toEqual(new Set(['replaced']))
  expect(new Set(verdictsAt(210))).toEqual(new Set(['retained']))
})

test.each([Number.NaN, null, undefined, -0.001, 1.001, Number.POSITIVE_INFINITY, '0.5'])(
  'a part of %s is refused',
  (value) => {
    for (const part of parts) {
      expect(scoreSchema.safeParse({ ...same(0.5), [part]: value }).success).toBe(false)
    }
  },
)

test('the ends are scores, and a part that is missing or unknown is none', () => {
  expect(scoreSchema.parse(same(0))).toEqual(same(0))
  expect(scoreSchema.parse(same(1))).toEqual(same(1))
  expect(scoreSchema.safeParse({ relevance: 1, completeness: 1 }).success).toBe(false)
  expect(scoreSchema.safeParse({ ...same(1), charm: 1 }).success).toBe(false)
})

test('thresholds leave room between them', () => {
  expect(scoreThresholdsSchema.parse(scoreThresholds)).toEqual(scoreThresholds)
  for (const recalibrateBelow of [0.6, 0.65, 0.65 + 1e-12]) {
    const thresholds = { replaceAtOrBelow: 0.65, recalibrateBelow }
    expect(scoreThresholdsSchema.safeParse(thresholds).error?.issues).toMatchObject([
      { path: ['recalibrateBelow'] },
    ])
  }
  expect(judgeScore(same(0.5), { replaceAtOrBelow: 0.4, recalibrateBelow: 0.45 })).toBe('retained')
})

test('composite and quality are in [0, 1], and never fall when a part rises', () => {
  fc.assert(
    fc.property(scores, fc.constantFrom(...parts), shares, (score, part, other) => {
      const less = { ...score, [part]: Math.min(score[part], other) }
      const more = { ...score, [part]: Math.max(score[part], other) }
      for (const value of [compositeOf(less), compositeOf(more), qualityOf(less)]) {
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
      }
      expect(compositeOf(less)).toBeLessThanOrEqual(compositeOf(more))
      expect(qualityOf(less)).toBeLessThanOrEqual(qualityOf(more))
      const ranks = [more, less].map((of) => scoreVerdicts.indexOf(judgeScore(of)))
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
    }),
  )
})

test('the composite is the mean, its order does not count, and what is printed is never above it', () => {
  fc.assert(
    fc.property(scores, (score) => {
      const { relevance, completeness, confidence } = score
      const composite = compositeOf(score)
      expect(composite).toBeCloseTo((relevance + completeness + confidence) / 3, 8)
      expect(compositeOf(scoreOf(confidence, relevance, completeness))).toBe(composite)
      expect(Number(printComposite(score))).toBeLessThanOrEqual(composite)
      expect(composite - Number(printComposite(score))).toBeLessThan(0.01)
    }),
  )
})
