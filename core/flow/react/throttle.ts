/**
 * How much of each agent's work may be under way at once: additive increase, multiplicative decrease (D. Chiu and R. Jain,
 * Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks, 1989), begun as TCP
 * does (RFC 5681, slow start). An agent that takes long or fails is handed little, so that it holds few places and few
 * reactions that others may want; one that is well again is soon handed more.
 */

export interface ThrottleOptions {
  /** Reactions of one agent under way at once, at most. */
  windowMax: number
  /** What an agent begins with, and gets more of at a time once it was slowed down. */
  batchItemsMax: number
  /** A batch that takes longer is too large, in milliseconds. */
  batchMsMax: number
}

/** How a batch went. */
export interface Went {
  items: number
  /** Those that the agent failed. */
  failed: number
  ms: number
}

interface State {
  window: number
  underWay: number
  /** Up to here it doubles; it was too much once. */
  threshold: number
}

/** One poisoned profile of fifty must not slow down the others. */
const failedShareMax = 0.5
const stepsToFull = 10

export class Throttle {
  readonly #options: ThrottleOptions
  readonly #states = new Map<string, State>()

  constructor(options: ThrottleOptions) {
    this.#options = options
  }

  /** How many more reactions of the agent may begin now. */
  room(agent: string): number {
    const { window, underWay } = this.#stateOf(agent)
    return Math.max(0, window - underWay)
  }

  windowOf(agent: string): number {
    return this.#stateOf(agent).window
  }

  began(agent: string, items: number): void {
    this.#stateOf(agent).underWay += items
  }

  ended(agent: string, went: Went): void {
    const state = this.#stateOf(agent)
    const { windowMax, batchItemsMax, batchMsMax } = this.#options
    state.underWay = Math.max(0, state.underWay - went.items)
    if (went.ms > batchMsMax || went.failed > went.items * failedShareMax) {
      // Of the batch that went badly, and not of the window: what it was is what was too much.
      state.threshold = Math.max(1, Math.floor(Math.min(state.window, went.items) / 2))
      state.window = state.threshold
      return
    }
    const more =
      state.window < state.threshold ? state.window : Math.ceil(batchItemsMax / stepsToFull)
    // Only who uses what it has shows that it could do with more.
    if (went.items * 2 >= Math.min(state.window, batchItemsMax)) {
      state.window = Math.min(windowMax, state.window + more)
    }
  }

  #stateOf(agent: string): State {
    const known = this.#states.get(agent)
    if (known) return known
    const { windowMax, batchItemsMax } = this.#options
    const state = {
      window: Math.min(batchItemsMax, windowMax),
      underWay: 0,
      threshold: windowMax,
    }
    this.#states.set(agent, state)
    return state
  }
}
