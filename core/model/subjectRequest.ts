import { z } from 'zod'
import { identifierSchema } from './identifier.ts'
import { jsonSchema, type JsonObject } from './json.ts'
import { purposeSchema } from './purpose.ts'
import { traitKeySchema } from './trait.ts'

/** What a data subject may ask for, and the article of the GDPR that gives the right. */
export const articleOf = {
  access: 'Art. 15',
  portability: 'Art. 20',
  rectification: 'Art. 16',
  restriction: 'Art. 18',
  objection: 'Art. 21',
  automated_decision_review: 'Art. 22',
  erasure: 'Art. 17',
} as const satisfies Record<string, string>

export type SubjectRequestKind = keyof typeof articleOf
export const subjectRequestKinds = [
  'access',
  'portability',
  'rectification',
  'restriction',
  'objection',
  'automated_decision_review',
  'erasure',
] as const satisfies readonly SubjectRequestKind[]

/**
 * The life of a request. What is left out cannot happen; the database holds to the same table.
 *
 *   received             taken in; nobody has looked at it
 *   identity_unverified  looked at; the person still has to show who they are
 *   in_progress          known well enough, and being answered
 *   completed            answered in full
 *   partially_completed  answered but for parts that were refused, each with its reason
 *   refused              refused altogether, with the reason
 *   cancelled            taken back, or opened by mistake
 *   expired              the person never showed who they are
 */
export const requestSteps = {
  received: ['identity_unverified', 'in_progress', 'refused', 'cancelled', 'expired'],
  identity_unverified: ['in_progress', 'refused', 'cancelled', 'expired'],
  in_progress: ['completed', 'partially_completed', 'refused', 'cancelled'],
  completed: [],
  partially_completed: [],
  refused: [],
  cancelled: [],
  expired: [],
} as const satisfies Record<string, readonly string[]>

export type SubjectRequestState = keyof typeof requestSteps
export const subjectRequestStates = [
  'received',
  'identity_unverified',
  'in_progress',
  'completed',
  'partially_completed',
  'refused',
  'cancelled',
  'expired',
] as const satisfies readonly SubjectRequestState[]

export const mayBecome = (from: SubjectRequestState, to: SubjectRequestState): boolean =>
  requestSteps[from].some((step) => step === to)

export const isFinal = (state: SubjectRequestState): boolean => requestSteps[state].length === 0

/** How surely we know who asks, from the least to the most. */
export const verificationLevels = ['none', 'asserted', 'verified', 'strong'] as const
export type VerificationLevel = (typeof verificationLevels)[number]

/**
 * What a kind asks for. Whoever gets data, or has it destroyed, is known by more than their word (Art. 12(6)). What
 * only protects the person is done on their word: asking a passport of who objects would keep people from it.
 */
export const verificationNeeded = {
  access: 'verified',
  portability: 'verified',
  erasure: 'verified',
  rectification: 'verified',
  automated_decision_review: 'asserted',
  restriction: 'asserted',
  objection: 'asserted',
} as const satisfies Record<SubjectRequestKind, VerificationLevel>

export const reaches = (level: VerificationLevel, needed: VerificationLevel): boolean =>
  verificationLevels.indexOf(level) >= verificationLevels.indexOf(needed)

/** How somebody showed who they are; names of ways, so that nothing personal gets in here. */
export const verificationMethods = [
  'login',
  'email_link',
  'phone_code',
  'known_details',
  'document',
  'electronic_id',
  'in_person',
  'controller',
] as const

/**
 * Why something is refused: a fixed vocabulary, since a free text would be where personal data ends up. The first
 * seven are those of the Data Rights Protocol 1.0 (`other` is left out: a refusal says why).
 */
export const refusalReasons = {
  suspected_fraud: 'Art. 12(6): there is reason to doubt that the person is who they say',
  insufficient_verification: 'Art. 12(6): the person did not show who they are',
  no_match: 'Art. 11(2): nobody with these identifiers is known here',
  claim_not_covered: 'Art. 15-22: the right does not reach this far',
  outside_jurisdiction: 'Art. 3: the law that is invoked does not apply',
  too_many_requests: 'Art. 12(5): asked again before anything can have changed',
  manifestly_unfounded: 'Art. 12(5): manifestly unfounded or excessive',
  legal_claims: 'Art. 17(3)(e), 18(2), 21(1): needed for legal claims',
  legal_obligation: 'Art. 17(3)(b): the law demands that it is kept',
  public_interest: 'Art. 17(3)(c)-(d): public health, archiving, research',
  freedom_of_expression: 'Art. 17(3)(a): freedom of expression and information',
  rights_of_others: 'Art. 15(4), 20(4): it would show what concerns others',
  compelling_grounds: 'Art. 21(1): compelling legitimate grounds',
  contract_or_consent: 'Art. 22(2): needed for a contract, or consented to',
} as const satisfies Record<string, string>
export type RefusalReason = keyof typeof refusalReasons

/** For these an erasure may keep what it says it keeps: Art. 17(3). */
export const keepReasons = [
  'legal_obligation',
  'legal_claims',
  'public_interest',
  'freedom_of_expression',
] as const satisfies readonly RefusalReason[]
export type KeepReason = (typeof keepReasons)[number]

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>) =>
  z.custom<Key>(
    (value) => typeof value === 'string' && Object.hasOwn(table, value),
    `it is one of ${Object.keys(table).join(', ')}`,
  )

/** Art. 12(3) lets time be extended for these two. */
export const extensionReasons = ['complexity', 'number_of_requests'] as const

export const cancelReasons = ['taken_back', 'opened_by_mistake', 'duplicate'] as const

/** Parts of what is known of a person, as packages have them. */
const packageParts = [
  'identifiers',
  'traits',
  'events',
  'consents',
  'decisions',
  'activations',
  'states',
  'conflicts',
  'intents',
  'requests',
] as const

export type PackagePart = (typeof packageParts)[number]

/** What a refusal is about: everything, a part, or one trait. */
const partSchema = z
  .string()
  .max(140)
  .refine(
    (part) =>
      part === 'all' ||
      packageParts.some((known) => known === part) ||
      /^trait:.{1,120}$/.test(part),
    'it is all, a part of a package such as events, or trait:<key>',
  )

export interface Refusal {
  part: string
  reason: RefusalReason
}

/** A trait that outlives the erasure of its person. */
export interface Keep {
  /** `trait:<key>` */
  part: string
  reason: KeepReason
}

/** The trait that a part names; undefined where it names something else. */
export const keyOfPart = (part: string): string | undefined =>
  part.startsWith('trait:') ? part.slice('trait:'.length) : undefined

/** What a refusal of a part of an erasure keeps; undefined where it may keep nothing. */
export function keepOf({ part, reason }: Refusal): Keep | undefined {
  const known = keepReasons.find((one) => one === reason)
  return known === undefined || keyOfPart(part) === undefined ? undefined : { part, reason: known }
}

const receivedAtSchema = z.date().nullish()
const idSchema = z.string().max(40)

/** How somebody showed who they are. */
const proofSchema = z.object({
  level: z.enum(verificationLevels).exclude(['none']),
  method: z.enum(verificationMethods),
})
export type Proof = z.infer<typeof proofSchema>

export const openRequestSchema = z.object({
  subject: identifierSchema,
  kind: z.enum(subjectRequestKinds),
  /** When the person asked, where that was before now: clocks run from then. */
  receivedAt: receivedAtSchema,
  /** Of an objection: what for. */
  purpose: purposeSchema.nullish(),
  /** Of a review: the decision that is contested. */
  decision: z.object({ profileId: idSchema, id: idSchema }).nullish(),
  /** Of a review: the trait whose value, which an agent concluded, is contested. */
  trait: traitKeySchema.nullish(),
  verification: proofSchema.nullish(),
})
export type OpenRequest = z.infer<typeof openRequestSchema>

export const verifySubjectSchema = proofSchema.extend({ id: idSchema })
export const extendRequestSchema = z.object({ id: idSchema, reason: z.enum(extensionReasons) })
export const refusePartSchema = z.object({
  id: idSchema,
  part: partSchema,
  reason: keysOf<RefusalReason>(refusalReasons),
})
export const cancelRequestSchema = z.object({ id: idSchema, reason: z.enum(cancelReasons) })

export const reviewVerdicts = ['confirmed', 'overturned'] as const
export const reviewDecisionSchema = z.object({ id: idSchema, verdict: z.enum(reviewVerdicts) })

/** Why a conclusion stands after a person looked at it; a fixed vocabulary, as for refusals. */
export const upholdReasons = {
  sources_right: 'What it was concluded from was checked, is right, and leads to it',
  person_concluded_same: 'A person who looked at everything came to the same conclusion',
  required_by_law: 'Art. 22(2)(b): a law demands that it is concluded so',
  no_effect: 'Art. 22(1): nothing that weighs on the person rests on it',
} as const satisfies Record<string, string>
export type UpholdReason = keyof typeof upholdReasons

/** Upheld with a reason; overturned with what is right instead, or without, and then the value goes. */
export const reviewTraitSchema = z
  .object({
    id: idSchema,
    verdict: z.enum(reviewVerdicts),
    reason: keysOf<UpholdReason>(upholdReasons).nullish(),
    value: jsonSchema.nullish(),
  })
  .refine(({ verdict, reason }) => (verdict === 'confirmed') === (reason != null), {
    path: ['reason'],
    message: 'a conclusion that stands has a reason, and only it has',
  })
  .refine(({ verdict, value }) => verdict === 'overturned' || value == null, {
    path: ['value'],
    message: 'a conclusion that stands keeps its value',
  })

/** Who takes an objection back gives protection away, so they are known by more than their word. */
export const takeBackObjectionSchema = z.object({
  id: idSchema,
  verification: proofSchema.refine(({ level }) => reaches(level, 'verified'), {
    path: ['level'],
    message: 'who takes an objection back is known by more than their word: verified or strong',
  }),
  /** When they showed who they are; null for now. */
  verifiedAt: z.date().nullish(),
})

export const liftRestrictionSchema = z.object({ id: idSchema, toldAt: z.date() })

const correctionsMax = 50
export const rectifySubjectSchema = z
  .object({
    id: idSchema,
    /** What is right, by trait; null takes a value away. */
    traits: z
      .record(traitKeySchema, jsonSchema)
      .refine(
        (traits) => Object.keys(traits).length <= correctionsMax,
        `it has at most ${correctionsMax} traits`,
      )
      .default({}),
    /** What the person is known by and should not be. */
    wrongIdentifiers: z.array(identifierSchema).max(correctionsMax).default([]),
    /** What they are known by from now on. */
    rightIdentifiers: z.array(identifierSchema).max(correctionsMax).default([]),
  })
  .refine(
    ({ traits, wrongIdentifiers, rightIdentifiers }) =>
      Object.keys(traits).length + wrongIdentifiers.length + rightIdentifiers.length > 0,
    'it says what is right or wrong: traits, wrongIdentifiers or rightIdentifiers',
  )

/** Why data must go: the grounds of Art. 17(1). */
export const erasureGrounds = [
  'no_longer_needed',
  'consent_withdrawn',
  'objection',
  'unlawful',
  'legal_obligation',
  'collected_from_child',
] as const
export const eraseRequestSchema = z.object({ id: idSchema, reason: z.enum(erasureGrounds) })

export const endRetentionSchema = z.object({ id: idSchema, part: partSchema.nullish() })

/** What happened to a request, step by step; codes and ids only. */
export const requestActs = [
  'opened',
  'acknowledged',
  'verified',
  'extended',
  'part_refused',
  'offered',
  'nobody_found',
  'fetched',
  'rectified',
  'restricted',
  'restriction_lifted',
  'objected',
  'objection_taken_back',
  'reviewed',
  'pin_lifted',
  'erased',
  'retention_ended',
  'completed',
  'refused',
  'cancelled',
  'expired',
  'due_soon',
  'overdue',
] as const
export type RequestAct = (typeof requestActs)[number]

/** A request as it stands. Tells nothing of who the person is but the ids of their profiles. */
export interface SubjectRequest {
  id: string
  kind: SubjectRequestKind
  state: SubjectRequestState
  /** Where the person's identifiers led when it was opened; empty when they led nowhere. */
  profileIds: string[]
  jurisdiction: string | null
  /** The law whose clocks run. */
  regulation: string
  receivedAt: Date
  acknowledgeBy: Date | null
  acknowledgedAt: Date | null
  dueAt: Date
  extensionReason: string | null
  extendedAt: Date | null
  verification: VerificationLevel
  refusals: Refusal[]
  /** How often something was done to answer it. */
  acts: number
  purpose: string | null
  decisionProfileId: string | null
  decisionId: string | null
  /** Of a review of a conclusion. */
  trait: string | null
  /** Set when it came over OpenDSR. */
  controllerRequestId: string | null
  /** A blind digest of what the controller sent, to tell a repeated request from another under its name. */
  controllerDigest: string | null
  /** `principal:<id>` */
  openedBy: string
  /** When it was found to fall due soon, by the deadline that runs. */
  warnedAt: Date | null
  overdueAt: Date | null
  finishedAt: Date | null
}

/** One line of a request's history. */
export interface RequestEvent {
  id: string
  at: Date
  actor: string
  act: RequestAct
  /** Where the request stood after it. */
  state: SubjectRequestState
  details: JsonObject
}
