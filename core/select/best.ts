import type { Expected } from './belief.ts'

/** Points of the integral, and how many standard deviations it goes to each side. */
const stepsPerSide = 16
const reach = 4

/**
 * The probability that each is the best, where what is expected of them is normal and independent: the integral over
 * the one's density of the others lying below it. They add up to 1.
 */
export function chancesOfBest(all: readonly Expected[]): number[] {
  const raw = all.map((one) => chanceOf(one, all))
  const sum = raw.reduce((total, chance) => total + chance, 0)
  return raw.map((chance) => chance / sum)
}

function chanceOf(one: Expected, all: readonly Expected[]): number {
  const others = all.filter((other) => one !== other && highest(other) > one.mean - reach * one.sd)
  let sum = 0
  for (let step = -stepsPerSide; step <= stepsPerSide; step += 1) {
    const z = (step / stepsPerSide) * reach
    const at = one.mean + z * one.sd
    let density = Math.exp((-z * z) / 2)
    for (const { mean, sd } of others) density *= shareBelow((at - mean) / sd)
    sum += density
  }
  return sum
}

const highest = ({ mean, sd }: Expected): number => mean + reach * sd

/** Share of the standard normal distribution below z (Abramowitz and Stegun 26.2.17), 4e-5 off at the most. */
function shareBelow(z: number): number {
  if (z > reach) return 1
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z))
  const last = t * (-1.821_255_978 + t * 1.330_274_429)
  const series = t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + last)))
  const above = 0.398_942_280_401 * Math.exp((-z * z) / 2) * series
  return z > 0 ? 1 - above : above
}

/** A number of the standard normal distribution (Box and Muller). @param next uniform in [0, 1) */
export const drawNormal = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
