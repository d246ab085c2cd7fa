import { z } from 'zod'
import { purposeSchema } from './purpose.ts'
import { specialCategories } from './special.ts'
import {
  conflictRuleSchema,
  dataClassSchema,
  isComputed,
  isVaulted,
  mergeRuleSchema,
  traitKeySchema,
} from './trait.ts'

const dayMs = 86_400_000
/** From a second to a hundred years. */
const whileSchema = z
  .int()
  .min(1000)
  .max(36_525 * dayMs)

const ownerSchema = z
  .string()
  .max(140)
  .regex(
    /^(source:[0-9A-Za-z_-]+|principal:[0-9A-Za-z_-]+|agent:[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*)$/,
    'an owner looks like source:01J…, principal:01J… or agent:plugin/agent',
  )

/** What an officer says of a trait. What is left out is as for a trait that says nothing of it. */
export const traitDefinitionInputSchema = z
  .strictObject({
    key: traitKeySchema,
    /** The version that the officer looked at; null for a trait that nobody has seen yet. */
    version: z.int().min(1).nullable().default(null),
    dataClass: dataClassSchema,
    description: z.string().max(500).default(''),
    /** Read by `readTraitSchema`. */
    schema: z.unknown().optional(),
    purposes: z.array(purposeSchema).max(20).default([]),
    /**
     * Categories of Art. 9 that the values tell something of; none states that they tell nothing, whatever
     * their writer reads. What was said before stands where this is left out.
     */
    infers: z.array(z.enum(specialCategories)).max(8).nullable().default(null),
    owners: z.array(ownerSchema).max(20).default([]),
    conflictRule: conflictRuleSchema.default('latest'),
    mergeRule: mergeRuleSchema.default('latest'),
    freshnessMs: whileSchema.nullable().default(null),
    ttlMs: whileSchema.nullable().default(null),
    reason: z.string().trim().min(3, 'say why, for those who read the history').max(500),
  })
  .superRefine(({ dataClass, mergeRule, conflictRule, owners }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (isVaulted(dataClass) && isComputed(mergeRule)) {
      refuse('mergeRule', `values of class ${dataClass} are sealed and cannot be computed with`)
    }
    if ((conflictRule === 'owner' || conflictRule === 'priority') && owners.length === 0) {
      refuse('owners', `the conflict rule ${conflictRule} needs at least one owner`)
    }
  })
export type TraitDefinitionInput = z.output<typeof traitDefinitionInputSchema>
