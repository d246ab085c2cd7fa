import { z } from 'zod'
import { purposeSchema } from './purpose.ts'
import { identifierSchema } from './identifier.ts'
import { jurisdictionSchema } from './jurisdiction.ts'

export const consentDecisions = ['granted', 'denied', 'withdrawn'] as const
export type ConsentDecision = (typeof consentDecisions)[number]

/** What a word in the ledger may be; `pending` is a grant that was asked for and not confirmed. */
export const consentStates = [...consentDecisions, 'pending'] as const
export type ConsentState = (typeof consentStates)[number]

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
  /** When the person confirmed it, where another platform asked them; without it a grant may have to wait. */
  confirmedAt: z.iso.datetime({ offset: true }).nullish(),
})
export interface ConsentProof extends z.infer<typeof consentProofSchema> {
  /** The word that this one confirms; never said by a client. */
  confirms?: string
}

/** What turns a pending grant into one that counts; shown once, and only its hash is kept. */
export interface Confirmation {
  token: string
  expiresAt: Date
}

/** Whether the proof says that the person confirmed, at a time that has been. */
export const isConfirmed = ({ confirmedAt }: ConsentProof, now: Date): boolean =>
  typeof confirmedAt === 'string' && new Date(confirmedAt) <= now

export const consentInputSchema = z.object({
  subject: identifierSchema,
  purpose: purposeSchema,
  channel: channelSchema,
  decision: z.enum(consentDecisions),
  basis: z.enum(lawfulBases).default('consent'),
  proof: consentProofSchema.default({}),
  expiresAt: z.date().nullish(),
  collectedAt: z.date().nullish(),
  jurisdiction: jurisdictionSchema.nullish(),
})
export type ConsentInput = z.infer<typeof consentInputSchema>

/** The latest word of a subject for one purpose on one channel. */
export interface Consent {
  id: string
  purpose: string
  channel: string
  decision: ConsentState
  basis: LawfulBasis
  proof: ConsentProof
  collectedAt: Date
  expiresAt: Date | null
  /** Where the person was when they said it, as far as was told. */
  jurisdiction: string | null
}
