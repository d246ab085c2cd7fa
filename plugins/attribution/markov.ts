/**
 * Credit by removal effect on a first-order Markov chain of channels (Anderl, Becker, von Wangenheim and Schumann,
 * "Mapping the customer journey", International Journal of Research in Marketing 33(3), 2016). Pure.
 */

/** How often one state followed another, by `from>to`; states are channels and the three below. */
export type Transitions = Readonly<Record<string, number>>

export const start = '(start)'
export const converted = '(converted)'
export const lost = '(lost)'

/** The counts with one more path in them. A channel that follows itself says nothing and is left out. */
export function counted(
  before: Transitions,
  path: readonly string[],
  end: typeof converted | typeof lost,
): Transitions {
  const distinct = path.filter((channel, at) => channel !== path[at - 1])
  const states = [start, ...distinct, end]
  const after = { ...before }
  for (const [at, to] of states.slice(1).entries()) {
    const step = `${states[at]}>${to}`
    after[step] = (after[step] ?? 0) + 1
  }
  return after
}

/** The channels that the counts know. */
export const channelsIn = (transitions: Transitions): string[] => [
  ...new Set(
    Object.keys(transitions)
      .flatMap((step) => step.split('>'))
      .filter((state) => !state.startsWith('(')),
  ),
]

/** The share of conversions that would be lost without each channel, 0..1. */
export function removalEffects(transitions: Transitions): Map<string, number> {
  const channels = channelsIn(transitions)
  const whole = conversionRate(transitions, channels)
  return new Map(
    channels.map((channel) => {
      const rest = conversionRate(
        transitions,
        channels.filter((other) => other !== channel),
      )
      return [channel, whole > 0 ? Math.max(0, 1 - rest / whole) : 0]
    }),
  )
}

/** How probably a path ends converted when it is lost wherever it would come to a channel that is not among these. */
function conversionRate(transitions: Transitions, channels: readonly string[]): number {
  const states = [start, ...channels]
  const count = (from: string, to: string): number => transitions[`${from}>${to}`] ?? 0
  const ends = new Map<string, number>()
  for (const [step, times] of Object.entries(transitions)) {
    const from = step.split('>', 1)[0] ?? ''
    ends.set(from, (ends.get(from) ?? 0) + times)
  }
  // p = Qp + r, as rows of (I - Q | r): p is the probability to convert from each state.
  const rows = states.map((from, at) => {
    const all = ends.get(from) ?? 0
    const share = (to: string): number => (all > 0 ? count(from, to) / all : 0)
    return [...states.map((to, of) => (of === at ? 1 : 0) - share(to)), share(converted)]
  })
  return solve(rows)[0] ?? 0
}

/** Gauss-Jordan. Each path ended somewhere, so the diagonal stays above 0; a state that leads nowhere is worth 0. */
function solve(rows: number[][]): number[] {
  const { length } = rows
  for (const [at, pivot] of rows.entries()) {
    const divisor = pivot[at] ?? 0
    if (Math.abs(divisor) < 1e-12) continue
    for (const [other, row] of rows.entries()) {
      const factor = other === at ? 0 : (row[at] ?? 0) / divisor
      if (factor === 0) continue
      for (let column = at; column <= length; column += 1)
        row[column] = (row[column] ?? 0) - factor * (pivot[column] ?? 0)
    }
  }
  return rows.map((row, at) => {
    const divisor = row[at] ?? 0
    return Math.abs(divisor) < 1e-12 ? 0 : (row[length] ?? 0) / divisor
  })
}
