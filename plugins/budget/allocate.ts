/** What a channel cost and earned. */
export interface Account {
  /** Cents. */
  spent: number
  /** What orders were credited to it with, in any unit that is the same for all. */
  earned: number
}

export interface Limits {
  /** Share of the cap that one channel may gain or lose. */
  stepMax: number
  /** Share of the cap that each channel keeps. */
  shareMin: number
}

/**
 * The next allocation: whole cents by channel, none below 0, the cap in all.
 *
 * Each channel is taken to earn a√s of s spent, so that each further cent earns less. With `earned` of `spent` a is
 * earned/√spent, and what earns most of the cap in all gives each channel a share in proportion to a²: there the next
 * cent earns the same everywhere. The allocation goes from where it is towards that, all channels by the same part of
 * their way, so that none moves by more than `stepMax`. Who earns more never gets less for it.
 */
export function allocate(
  cap: number,
  accounts: ReadonlyMap<string, Account>,
  before: ReadonlyMap<string, number>,
  { stepMax, shareMin }: Limits,
): Map<string, number> {
  const channels = [...accounts.keys()].toSorted()
  const now = sharesOf(channels.map((channel) => before.get(channel) ?? 0))
  const worth = channels.map((channel) => {
    const { spent = 0, earned = 0 } = accounts.get(channel) ?? {}
    return earned ** 2 / Math.max(1, spent)
  })
  // Nothing was earned anywhere: nothing speaks for a move.
  const wanted = worth.some((each) => each > 0) ? sharesOf(worth) : now
  const least = Math.min(shareMin, 1 / Math.max(1, channels.length))
  const ways = wanted.map(
    (share, at) => least + share * (1 - least * channels.length) - (now[at] ?? 0),
  )
  const longest = Math.max(0, ...ways.map(Math.abs))
  const part = longest > stepMax ? stepMax / longest : 1
  const next = ways.map((way, at) => Math.max(0, (now[at] ?? 0) + way * part))
  return new Map(inCents(cap, next).map((cents, at) => [channels[at] ?? '', cents]))
}

/** In proportion, 1 in all; equal where there is nothing to go by. */
function sharesOf(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => (sum > 0 ? weight / sum : 1 / weights.length))
}

/** Whole cents that are the cap in all: what rounding down leaves goes to the largest remainders. */
function inCents(cap: number, shares: readonly number[]): number[] {
  const exact = sharesOf(shares).map((share) => share * cap)
  const cents = exact.map(Math.floor)
  const left = cap - cents.reduce((sum, each) => sum + each, 0)
  const order = exact
    .map((each, at) => ({ at, rest: each - Math.floor(each) }))
    .toSorted((one, other) => other.rest - one.rest || one.at - other.at)
  for (const { at } of order.slice(0, Math.max(0, left))) cents[at] = (cents[at] ?? 0) + 1
  return cents
}
