import { z } from 'zod'
import { purposeSchema } from './purpose.ts'
import { identifierSchema } from './identifier.ts'

export const consentDecisions = ['granted', 'denied', 'withdrawn'] as const
export type ConsentDecision = (typeof consentDecisions)[number]

export const lawfulBases = [
  'consent',
  'contract',
  'legal_obligation',
  'vital_interest',
  'public_task',
  'legitimate_interest',
] as const
export type LawfulBasis = (typeof lawfulBases)[number]

/** `*` stands for all channels and must be said explicitly. */
export const channelSchema = z
  .string()
  .max(60)
  .regex(/^(\*|[a-z][a-z0-9_-]*)$/, 'a channel looks like email; * grants all channels')

export const consentProofSchema = z.object({
  method: z.string().max(200).nullish(),
  noticeId: z.string().max(200).nullish(),
  noticeVersion: z.string().max(60).nullish(),
  noticeHash: z.string().max(128).nullish(),
  language: z.string().max(35).nullish(),
  origin: z.string().max(500).nullish(),
})
export type ConsentProof = z.infer<typeof consentProofSchema>

export const consentInputSchema = z.object({
  subject: identifierSchema,
  purpose: purposeSchema,
  channel: channelSchema,
  decision: z.enum(consentDecisions),
  basis: z.enum(lawfulBases).default('consent'),
  proof: consentProofSchema.default({}),
  expiresAt: z.date().nullish(),
  collectedAt: z.date().nullish(),
})
export type ConsentInput = z.infer<typeof consentInputSchema>

/** The latest word of a subject for one purpose on one channel. */
export interface Consent {
  id: string
  purpose: string
  channel: string
  decision: ConsentDecision
  basis: LawfulBasis
  proof: ConsentProof
  collectedAt: Date
  expiresAt: Date | null
}
