import { z } from 'zod'
import { channelSchema, lawfulBases } from './consent.ts'
import { purposeSchema } from './purpose.ts'

export const purposeInputSchema = z.object({
  key: purposeSchema,
  description: z.string().trim().min(1).max(300),
  bases: z.array(z.enum(lawfulBases)).min(1).max(lawfulBases.length),
  needsGrant: z.boolean(),
  ttlDays: z.int().min(1).max(36_500).nullish(),
  doubleOptIn: z.array(channelSchema).max(50).default([]),
})
export type PurposeInput = z.infer<typeof purposeInputSchema>
