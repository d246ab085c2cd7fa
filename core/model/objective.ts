/** Objectives: a number of all profiles that is to be brought to a target. Pure. */
import { z } from 'zod'
import { budgetNameSchema } from './budget.ts'
import { jsonObjectSchema } from './json.ts'
import { purposeSchema } from './purpose.ts'
import { taskInputSchema } from './task.ts'
import { traitKeySchema } from './trait.ts'

export const objectiveStates = [
  'draft',
  'running',
  'paused',
  'reached',
  'missed',
  'stopped',
] as const
export type ObjectiveState = (typeof objectiveStates)[number]

/** What agents are told of an objective: that it began, that it is planned anew, how it ended. */
export const objectiveNews = ['started', 'planned', 'reached', 'missed', 'stopped'] as const
export type ObjectiveNews = (typeof objectiveNews)[number]

export const isOver = (state: ObjectiveState): boolean =>
  state === 'reached' || state === 'missed' || state === 'stopped'

/** A condition over open traits, in the words of policies. */
const whereSchema = jsonObjectSchema

/**
 * What is measured over everybody who may be looked at for the purpose; `where` narrows it down.
 *
 *   average  of a trait that is a number
 *   sum      of a trait that is a number
 *   ratio    the sum of one trait over the sum of another, such as opens per message
 *   share    of those of whom `holds` holds
 */
export const metricSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['average', 'sum']),
    trait: traitKeySchema,
    where: whereSchema.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('ratio'),
    trait: traitKeySchema,
    over: traitKeySchema,
    where: whereSchema.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('share'),
    holds: whereSchema,
    where: whereSchema.exactOptional(),
  }),
])
export type Metric = z.infer<typeof metricSchema>

/** Of fewer persons nothing is told: the number would be about them. */
export const personsMin = 10

export const objectiveInputSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    purpose: purposeSchema,
    metric: metricSchema,
    target: z.number().optional(),
    changeBy: z.number().min(-1).max(100).optional(),
    direction: z.enum(['up', 'down']).default('up'),
    brief: taskInputSchema.default({}),
    budgets: z.array(budgetNameSchema).max(20).default([]),
    deadline: z.date(),
    roundsMax: z.int().min(1).max(20).default(3),
    approvesPlans: z.boolean().default(false),
    settlingMs: z
      .int()
      .min(0)
      .max(90 * 86_400_000)
      .default(0),
    isDraft: z.boolean().default(false),
  })
  .refine(
    ({ target, changeBy }) => (target === undefined) !== (changeBy === undefined),
    'give either target or changeBy',
  )
  .refine(({ changeBy }) => changeBy !== 0, 'changeBy is 0: there is nothing to change')
export type ObjectiveInput = z.infer<typeof objectiveInputSchema>

/** How much of the way to the target a round brought, 0 to 1; null where one of the two could not be measured. */
export function progressOf(
  target: number,
  { before, after }: { before: number | null; after: number | null },
): number | null {
  if (before === null || after === null || before === target) return null
  return Math.max(0, Math.min(1, (after - before) / (target - before)))
}

export const isReached = (
  { direction, target }: { direction: 'up' | 'down'; target: number },
  measured: number | null,
): boolean => measured !== null && (direction === 'up' ? measured >= target : measured <= target)
