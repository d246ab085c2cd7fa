/** How a conversion is shared out among the touches before it. Pure. */
import { removalEffects, type Transitions } from './markov.ts'

export type Model = 'first' | 'last' | 'linear' | 'time_decay' | 'markov'

export interface Touch {
  channel: string
  /** Milliseconds since 1970. */
  at: number
}

export interface Evidence {
  /** For `time_decay`. */
  halfLifeMs: number
  /** For `markov`. */
  transitions: Transitions
}

/** Whoever came without any touch came by themselves. */
const direct = 'direct'

/** Shares by channel: none below 0, 1 in all. */
export function creditsOf(
  model: Model,
  path: readonly Touch[],
  evidence: Evidence,
): Record<string, number> {
  if (path.length === 0) return { [direct]: 1 }
  const weights = weigh[model](path, evidence)
  const given = weights.some((weight) => weight > 0) ? weights : path.map(() => 1)
  const sum = given.reduce((total, weight) => total + weight, 0)
  const credits: Record<string, number> = {}
  for (const [at, { channel }] of path.entries())
    credits[channel] = (credits[channel] ?? 0) + (given[at] ?? 0) / sum
  return credits
}

/** What each touch weighs beside the others. */
const weigh: Record<Model, (path: readonly Touch[], evidence: Evidence) => number[]> = {
  first: (path) => path.map((_, at) => (at === 0 ? 1 : 0)),
  last: (path) => path.map((_, at) => (at === path.length - 1 ? 1 : 0)),
  linear: (path) => path.map(() => 1),
  time_decay: (path, { halfLifeMs }) => {
    // Counted from the last touch, which weighs 1: however old the path is, something is left of it.
    const last = Math.max(...path.map(({ at }) => at))
    return path.map(({ at }) => 2 ** ((at - last) / halfLifeMs))
  },
  markov: (path, { transitions }) => {
    const effects = removalEffects(transitions)
    const times = (channel: string): number =>
      path.filter((touch) => touch.channel === channel).length
    // A channel is worth its effect once, however often it touched.
    return path.map(({ channel }) => (effects.get(channel) ?? 0) / times(channel))
  },
}
