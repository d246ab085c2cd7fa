import { z } from 'zod'
import { costSchema } from './budget.ts'
import { purposeSchema } from './purpose.ts'
import { jsonObjectSchema } from './json.ts'

export const activationStates = [
  'proposed',
  'held',
  'refused',
  'approved',
  'dispatching',
  'sent',
  'failed',
  'recalled',
] as const
export type ActivationState = (typeof activationStates)[number]

/** What an agent or a principal asks to have done outside. */
export const proposalSchema = z.object({
  purpose: purposeSchema,
  channel: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9_-]*$/, 'a channel looks like email'),
  /** The webhook's URL; absent for channels that address the person, such as email. */
  destination: z.string().max(2000).nullish(),
  content: jsonObjectSchema.default({}),
  /** Trait keys whose values the channel puts into the message; each needs its own permission. */
  fields: z.array(z.string().max(120)).max(50).default([]),
  /** Those of the fields without which the message makes no sense: it is refused when one must be left out. */
  requires: z.array(z.string().max(120)).max(50).optional(),
  /** How risky it is, 0 to 1: above the limit that the policy sets, a person has to approve it. */
  risk: z.number().min(0).max(1).optional(),
  /** What it takes of a budget when it leaves. */
  cost: costSchema.optional(),
})
export type Proposal = z.infer<typeof proposalSchema>

/** What a person says to an activation that is held. */
export const activationAnswerSchema = z.object({
  verdict: z.enum(['approved', 'refused']),
  /** Why, for the record. */
  reason: z.string().trim().min(1).max(500),
})
export type ActivationAnswer = z.infer<typeof activationAnswerSchema>
