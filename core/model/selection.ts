/** What a choice among the agents of one capability is made from, and what is learned of it. Pure. */
import { z } from 'zod'
import { scoreSchema } from './score.ts'

/** Numbers that describe a task beside its kind; what is kept of an agent grows with their square. */
const contextMax = 32

const nameSchema = z.string().min(1).max(130)
const shareSchema = z.number().min(0).max(1)

const taskSchema = z.strictObject({
  /** One of the kinds of the capability matrix, such as a domain. */
  kind: nameSchema,
  /** What else is known of the task, each in [0, 1]: always as many and in the same order for a capability. */
  context: z.array(shareSchema).max(contextMax),
})
export type Task = z.infer<typeof taskSchema>

/**
 * One line of the capability matrix: how well an agent says it does the average task of a kind, in [0, 1], in the units
 * of the reward. `*` is every kind that is not named.
 */
export const efficiencySchema = z.record(nameSchema, shareSchema)
export type Efficiency = z.infer<typeof efficiencySchema>

/** What is taken of an agent that says nothing of a kind. */
const efficiencyUnsaid = 0.5

export function efficiencyFor(efficiency: Efficiency, kind: string): number {
  const said = Object.hasOwn(efficiency, kind) ? efficiency[kind] : efficiency['*']
  return said ?? efficiencyUnsaid
}

/** An agent that may be chosen. */
const candidateSchema = z.strictObject({
  /** `plugin/agent`. */
  agent: nameSchema,
  efficiency: efficiencySchema,
})
export type Candidate = z.infer<typeof candidateSchema>

export const questionSchema = z.strictObject({
  capability: nameSchema,
  task: taskSchema,
  candidates: z.array(candidateSchema).max(100),
})
export type Question = z.infer<typeof questionSchema>

/** What came of one task that an agent was chosen for. */
const outcomeSchema = z.strictObject({
  capability: nameSchema,
  agent: nameSchema,
  task: taskSchema,
  score: scoreSchema,
  /** What is learned from, in [0, 1]; the product of the score where none is given. */
  reward: shareSchema.optional(),
})
export type Outcome = z.infer<typeof outcomeSchema>

/** Outcomes that are reported at once. */
const outcomesMax = 10_000
export const outcomesSchema = z.array(outcomeSchema).max(outcomesMax)

/**
 * What outcomes of one agent with one kind of task come to: sums over them, each weighing less the more came after it.
 * Plain JSON. With c numbers of context there are d = c + 1 features (core/select/feature.ts).
 */
export interface Evidence {
  agent: string
  /** All that ever were. */
  outcomes: number
  /** Outcomes of the other agents with the same kind of task that there were when this was written. */
  others: number
  /** Σw */
  weight: number
  /** Σw·x·xᵀ: the lower triangle, row by row, d(d + 1)/2 numbers. */
  gram: number[]
  /** Σw·reward·x, d numbers. */
  moment: number[]
  /** Σw·reward² */
  square: number
}
