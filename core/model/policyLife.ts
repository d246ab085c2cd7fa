import { z } from 'zod'

/** The stations of a policy version, in order; `shadow` may be left out, and any but `active` may be given up. */
export const policyStatuses = [
  'draft',
  'proposed',
  'approved',
  'shadow',
  'active',
  'retired',
] as const
export type PolicyStatus = (typeof policyStatuses)[number]

/** Somebody else than the author, and two of them where somebody is given more than before. */
export const approvalsNeeded = (widens: boolean): number => (widens ? 2 : 1)

/** How long a version may be in force without its approvals. */
const breakGlassHoursMax = 24

const numberSchema = z.int().min(1).max(2_147_483_647)
const textSchema = z.string().trim().min(1).max(500)

/** Read on its own by `parsePolicy`, which says more about what is wrong with it. */
const documentSchema = z.unknown().optional()

export const draftPolicyInput = z.object({ document: documentSchema, reason: textSchema })
/** Either the number of a draft, or what makes one. */
export const proposePolicyInput = z
  .object({
    number: numberSchema.nullish(),
    document: documentSchema,
    reason: textSchema.nullish(),
  })
  .refine(({ number, document }) => (number == null) !== (document == null), {
    message: 'give either the number of a draft or a document',
  })
  .refine(({ document, reason }) => document == null || reason != null, {
    path: ['reason'],
    message: 'say why the document is wanted',
  })
export const approvePolicyInput = z.object({ number: numberSchema, comment: textSchema.nullish() })
export const policyNumberInput = z.object({ number: numberSchema })
export const activatePolicyInput = z.object({
  number: numberSchema,
  /** Comes into force without its approvals, for a while. */
  breakGlass: z
    .object({ reason: textSchema, hours: z.int().min(1).max(breakGlassHoursMax) })
    .nullish(),
})
export const rollbackPolicyInput = z.object({
  /** Which earlier version; the one before when left out. */
  to: numberSchema.nullish(),
  reason: textSchema,
})

export const shadowDirections = ['agrees', 'would_allow', 'would_hold', 'would_refuse'] as const
/** What a version in shadow says to an activation, beside what the active one said. */
export type ShadowDirection = (typeof shadowDirections)[number]
