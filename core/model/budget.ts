import { z } from 'zod'

/** Whole ones of a budget's unit, so that sums are exact. */
const amountSchema = z.int().positive()

export const budgetNameSchema = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a budget is named in kebab-case, such as spring-media')

/** What one act or task takes of a budget. */
export const costSchema = z.strictObject({ budget: budgetNameSchema, amount: amountSchema })
export type Cost = z.infer<typeof costSchema>

/** What a person sets of a budget. A cap of what is spent already stops spending. */
export const budgetInputSchema = z.strictObject({
  name: budgetNameSchema,
  /** What is counted, such as EUR cent; it stays as it was first said. */
  unit: z.string().trim().min(1).max(40),
  cap: z.int().min(0),
  /** From then on nothing is spent. */
  endsAt: z.date().nullish(),
})
