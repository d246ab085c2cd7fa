import { z } from 'zod'
import {
  fieldPatternSchema,
  policyIdSchema,
  policySentenceSchema,
  ruleChannelSchema,
  rulePurposeSchema,
  some,
} from './policyName.ts'

/**
 * A limit binds what the rules permit: how often, when and in which form it may leave, and from which risk on
 * a person has to approve it. It permits nothing by itself. Of limits that overlap all bind, so the strictest
 * counts.
 */
const clockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day looks like 21:00')

const capSchema = z.strictObject({
  max: z.int().min(1).max(1000).describe('So many activations'),
  hours: z
    .int()
    .min(1)
    .max(366 * 24)
    .describe('in any period of so many hours; 168 are a week'),
  per: z.enum(['person']).optional().describe('to one person, with every profile merged into one'),
})

const quietHoursSchema = z.strictObject({
  from: clockSchema.describe('Nothing leaves from this time of day on'),
  to: clockSchema.describe('until this one; what comes meanwhile waits for it'),
  timezone: z
    .string()
    .max(60)
    .describe('Where it is that time, such as Europe/Berlin, for persons whose own is not known'),
  timezoneTrait: z
    .string()
    .max(120)
    .optional()
    .describe("The trait that holds the person's own time zone, such as timezone"),
})

export const policyLimitSchema = z.strictObject({
  id: policyIdSchema.describe('The name of the limit, by which decisions refer to it'),
  sentence: policySentenceSchema.describe(
    'What the limit means, for people: "Nobody gets more than four promotions a week."',
  ),
  purposes: some(rulePurposeSchema).describe('What for; a purpose covers its children'),
  channels: some(ruleChannelSchema).describe('By which ways; * is every channel'),
  cap: capSchema.optional().describe('How often a person is addressed, all of it counted together'),
  quietHours: quietHoursSchema.optional().describe('When nobody is addressed'),
  maxAgeDays: z
    .int()
    .min(1)
    .max(3660)
    .optional()
    .describe('Values that were written longer ago are left out'),
  hash: some(fieldPatternSchema)
    .optional()
    .describe(
      'Values that leave only as SHA-256 of their normal form, such as identifier:email or class:contact',
    ),
  riskAbove: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'What was proposed with a higher risk, from 0 to 1, waits for the approval of a person',
    ),
})
/** What a limit can ask for; each asks for at least one. */
export const limitParts = ['cap', 'quietHours', 'maxAgeDays', 'hash', 'riskAbove'] as const
export type PolicyLimit = z.infer<typeof policyLimitSchema>
export type QuietHours = z.infer<typeof quietHoursSchema>
