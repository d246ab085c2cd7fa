import type { Candidate } from '../../../core/model/selection.ts'
import type { SimTask } from './world.ts'

/** What takes part in the bench. It sees what agents say of themselves, and the reward of what it chose. */
export interface Learner {
  /** Chooses while learning: may try what it doubts. */
  choose(task: SimTask, agents: readonly Candidate[]): number
  learn(task: SimTask, agent: Candidate, reward: number): void
  /** The best by what it knows. `confidence` where it says how sure it is. */
  best(task: SimTask, agents: readonly Candidate[]): { at: number; confidence?: number }
}

export const greatest = (values: readonly number[]): number => values.indexOf(Math.max(...values))

/** One-hot domain, skills needed, urgency, and a constant. */
export const vectorOf = ({ kind, needs, urgency }: SimTask): number[] => [
  1,
  ...['content', 'timing', 'offer'].map((domain) => (domain === kind ? 1 : 0)),
  ...needs,
  urgency,
]

export const contextOf = ({ needs, urgency }: SimTask): number[] => [...needs, urgency]
