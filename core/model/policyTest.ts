import { z } from 'zod'
import { consentStates, lawfulBases } from './consent.ts'
import { jsonObjectSchema } from './json.ts'
import { dataClassSchema } from './trait.ts'

/**
 * A test of a policy is a table: a person in a certain standing, and who may do what about them. It lists what
 * is permitted. Every combination that it does not list has to be refused, so a table cannot be passed by a
 * policy that permits more than somebody thought of.
 */
const instant = z.iso.datetime({
  offset: true,
  error: 'an instant looks like 2026-01-31T00:00:00Z',
})

const word = (max: number) => z.string().min(1).max(max)
const some = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100)
const many = <T extends z.ZodType>(item: T) => z.array(item).max(200)

const callerSchema = z
  .string()
  .max(120)
  .regex(
    /^(\*|[a-z][a-z0-9-]*(\/(\*|[a-z][a-z0-9-]*))?)$/,
    'a caller looks like app, agent, churn-risk/score, churn-risk/* or *',
  )
  .describe(
    'A role, an agent, agents by a pattern, or agent: every agent that the table does not name.',
  )

const purposeCell = z
  .string()
  .max(120)
  .regex(
    /^([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)?$/,
    'a purpose looks like marketing.promotion; an empty text is to have none',
  )

const channelCell = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_-]*$/, 'a channel looks like email')

const head = {
  name: z
    .string()
    .max(80)
    .regex(/^[a-z][a-z0-9-]*$/, 'a name looks like consent-withdrawn'),
  description: z.string().trim().min(1).max(300).describe('What the table shows, in a sentence.'),
  now: instant.optional().describe('The time at which everything is asked.'),
  asker: z
    .strictObject({ id: word(200), name: word(200) })
    .partial()
    .optional()
    .describe('Who the asking principal is, for rules with placeholders.'),
  row: jsonObjectSchema.optional().describe('Values of the profile that conditions look at.'),
}

const cells = {
  who: some(callerSchema),
  purposes: some(purposeCell),
  channels: some(channelCell),
}
const reasonedCells = z.strictObject({
  ...cells,
  reason: word(60).optional().describe('The code that the answer has to give.'),
})

const consentSchema = z.strictObject({
  purpose: word(120),
  channel: word(60),
  decision: z.enum(consentStates).describe('pending is a grant that was not confirmed.'),
  basis: z.enum(lawfulBases).optional(),
  method: word(60).optional().describe('As proof.method says it, such as parental:signed_form.'),
  collectedAt: instant,
  expiresAt: instant.optional(),
  outdated: z
    .boolean()
    .optional()
    .describe('Given for a version of a notice whose grants no longer count.'),
  profileId: word(40).optional().describe('Which of the profiles merged into one said it.'),
})

const subjectSchema = z
  .strictObject({
    profileIds: some(word(40)),
    mergedAt: instant,
    erasedAt: instant,
    restricted: z.boolean(),
    legalHold: z.boolean(),
    objections: many(word(120)),
    gpc: z.boolean(),
    minorBand: word(40),
    jurisdiction: word(40).nullable().describe('Such as US-CA; null where nobody knows; else DE.'),
    holds: many(z.strictObject({ purpose: word(120), agent: word(120), reason: word(60) })),
  })
  .partial()

const activationTable = z.strictObject({
  table: z.literal('activation'),
  ...head,
  consents: many(consentSchema).optional(),
  subject: subjectSchema.optional(),
  risk: z.number().min(0).max(1).optional().describe('How risky what is proposed is.'),
  sent: z.int().min(0).optional().describe('How often the person was addressed, for every cap.'),
  allow: many(z.strictObject(cells)).describe('What is sent.'),
  hold: many(reasonedCells).optional().describe('What waits for a person.'),
  refuse: many(reasonedCells)
    .optional()
    .describe('For which reason; what is listed nowhere is to be refused as well.'),
})
export type ActivationTable = z.infer<typeof activationTable>

const fieldCell = z
  .string()
  .max(140)
  .regex(/^(trait|identifier):[^*]+$/, 'a value looks like trait:plan or identifier:email')

const profileTable = z.strictObject({
  table: z.enum(['reading', 'writing', 'sending']),
  ...head,
  restricted: z.boolean().optional(),
  jurisdiction: word(40).optional(),
  traits: z
    .record(word(120), dataClassSchema)
    .optional()
    .describe('The class of traits named below; pseudonymous unless said here.'),
  permits: many(
    z.strictObject({
      who: some(callerSchema),
      purposes: some(purposeCell),
      classes: some(dataClassSchema).optional(),
      fields: some(fieldCell).optional(),
    }),
  ).describe('Who may read, write or send values of which class or name, for which purpose.'),
})
export type ProfileTable = z.infer<typeof profileTable>

const rightsTable = z.strictObject({
  table: z.literal('rights'),
  ...head,
  may: many(z.strictObject({ who: some(callerSchema), do: some(word(60)) })).describe(
    'What looks at no profile, such as "approve Policy".',
  ),
})
export type RightsTable = z.infer<typeof rightsTable>

export const policyTestSchema = z.discriminatedUnion('table', [
  activationTable,
  profileTable,
  rightsTable,
])
export type PolicyTest = z.infer<typeof policyTestSchema>

export const policyTestsMax = 100
