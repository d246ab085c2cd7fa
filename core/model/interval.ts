import { z } from 'zod'

/** How far off a number may be: with the probability `level` what it stands for lies from `low` to `high`. */
export const intervalSchema = z
  .strictObject({
    low: z.number(),
    high: z.number(),
    /** 0 to 1, such as 0.95. */
    level: z.number().gt(0).lte(1),
    /** How it was worked out, such as `bootstrap` or `wilson`. */
    method: z.string().min(1).max(60),
  })
  .refine(({ low, high }) => low <= high, 'low is above high')

export type Interval = z.infer<typeof intervalSchema>
