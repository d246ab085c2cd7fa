import { z } from 'zod'
import { channelSchema } from './consent.ts'
import { purposeSchema } from './purpose.ts'

/** The vocabularies whose ids every site makes up for itself. */
export const mappedDialects = ['segment', 'rudderstack', 'onetrust', 'unomi'] as const
export type MappedDialect = (typeof mappedDialects)[number]

export const consentMappingInputSchema = z.object({
  dialect: z.enum(mappedDialects),
  /** Null for every source of the workspace; what is said for one source goes before that. */
  sourceId: z.string().min(1).max(60).nullish(),
  consentId: z.string().min(1).max(200),
  /** None: the id means nothing here, whatever it is called. */
  targets: z
    .array(z.object({ purpose: purposeSchema, channels: z.array(channelSchema).min(1).max(20) }))
    .max(20),
})

/** What a free id stands for. */
export interface ConsentMapping {
  dialect: MappedDialect
  sourceId: string | null
  consentId: string
  targets: { purpose: string; channels: string[] }[]
  author: string
  definedAt: Date
}

export const receiptKeysInputSchema = z.object({
  sourceId: z.string().min(1).max(60).nullish(),
  /** As PEM (SubjectPublicKeyInfo) or as the text of a JWK. Several, so that one can take over from another. */
  publicKeys: z.array(z.string().min(1).max(10_000)).max(10),
})

/** A key that receipts are signed with. */
export interface ReceiptKey {
  sourceId: string | null
  keyId: string
  publicKey: string
  author: string
  addedAt: Date
}
