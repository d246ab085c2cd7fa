import { z } from 'zod'
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
})
export type Proposal = z.infer<typeof proposalSchema>
