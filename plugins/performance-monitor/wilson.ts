export interface Rate {
  rate: number
  /** With 95 % the rate that shows in the long run lies from `low` to `high`. */
  low: number
  high: number
}

/** Of the normal distribution, for 95 % in the middle. */
const z = 1.959964

/**
 * A share and its score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * Journal of the American Statistical Association 22, 1927): unlike the simple one it is right for few trials, and
 * for 0 and 1. Of nothing tried everything is possible.
 */
export function wilson(successes: number, trials: number): Rate {
  if (trials <= 0) return { rate: 0, low: 0, high: 1 }
  // An open may be reported whose delivery was not.
  const rate = Math.min(1, successes / trials)
  const divisor = 1 + z ** 2 / trials
  const middle = (rate + z ** 2 / (2 * trials)) / divisor
  const half = (z / divisor) * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2))
  return { rate: short(rate), low: short(middle - half), high: short(middle + half) }
}

const short = (value: number): number =>
  Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
