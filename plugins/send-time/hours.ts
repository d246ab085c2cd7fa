/** Visits by hour of the week, and what follows from them. Pure. */

export const hoursOfWeek = 168
/** Beyond it older visits fade: all counts are halved. Keeps what is remembered small and recent. */
const countMax = 200
/** Hours to each side that a visit also says something of, and how much. */
const spread = [1, 0.5, 0.25] as const

export const emptyWeek = (): number[] => Array.from({ length: hoursOfWeek }, () => 0)

export const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0)

/** The counts with one more visit at that hour. */
export function withVisit(counts: readonly number[], hour: number): number[] {
  const faded = sum(counts) >= countMax ? counts.map((count) => Math.floor(count / 2)) : counts
  return faded.map((count, at) => (at === hour ? count + 1 : count))
}

export interface Best {
  hour: number
  /** Hours around the best one that together have at least `level` of the person's visits to expect. */
  low: number
  high: number
}

/**
 * The hour with the highest posterior mean of a Dirichlet prior: what is known of everybody counts for `strength`
 * visits beside the person's own. One visit in the whole world leaves every hour of the week possible.
 */
export function bestHour(
  own: readonly number[],
  prior: readonly number[],
  { strength, level }: { strength: number; level: number },
): Best {
  // One visit for each hour: whatever nobody has done yet may still happen.
  const known = smooth(prior.map((count) => count + 1 / hoursOfWeek))
  const scale = strength / sum(known)
  const posterior = smooth(own).map((count, at) => count + scale * (known[at] ?? 0))
  const hour = posterior.indexOf(Math.max(...posterior))
  return { hour, ...around(posterior, hour, level) }
}

/** Sunday night and Monday morning are neighbours. */
const smooth = (counts: readonly number[]): number[] =>
  counts.map((_, at) =>
    spread.reduce((total, weight, distance) => {
      const before = counts[(at - distance + hoursOfWeek) % hoursOfWeek] ?? 0
      const after = counts[(at + distance) % hoursOfWeek] ?? 0
      return total + weight * (distance === 0 ? before : before + after)
    }, 0),
  )

/** The run of hours around `hour`, grown towards the better side, within the week since a number has no circle. */
function around(
  weights: readonly number[],
  hour: number,
  level: number,
): { low: number; high: number } {
  const wanted = sum(weights) * level
  let [low, high, held] = [hour, hour, weights[hour] ?? 0]
  while (held < wanted) {
    const [below, above] = [weights[low - 1] ?? -1, weights[high + 1] ?? -1]
    if (below < 0 && above < 0) break
    if (below >= above) low -= 1
    else high += 1
    held += Math.max(below, above)
  }
  return { low, high }
}
