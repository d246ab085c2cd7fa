import { z } from 'zod'
import { lawfulBases } from './consent.ts'
import { jsonObjectSchema } from './json.ts'
import { roleSchema } from './principal.ts'
import { dataClassSchema } from './trait.ts'

const instantSchema = z.iso.datetime()
/** A place in `members`. */
const memberSchema = z.int().min(0)

/**
 * What a decision was made from: ids and versions of what has them, and as it was what has none. No value of a
 * person but those open ones that a condition of the policy asks for, which can never be sealed ones; they go when
 * the person is erased.
 */
export const decisionInputsSchema = z.strictObject({
  v: z.literal(1),
  /** The gate's clock. */
  at: instantSchema,
  /** The hash of what decisions of the workspace have in common. */
  setting: z.string(),
  /** Of the proposing principal; null for agents and for principals whose key was revoked. */
  role: roleSchema.nullable(),
  /** Of the plugin version whose manifest counted; null for principals and for agents that did not run. */
  plugin: z.string().nullable(),
  /** Kill switches that were on. */
  stopped: z.array(z.enum(['workspacePaused', 'pluginPaused', 'channelPaused', 'proposerRevoked'])),
  /** The person's profiles, the canonical one first. */
  members: z.array(z.string()),
  mergedAt: instantSchema.nullable(),
  /** Standing of members, with the version of each, in the order in which it was looked at. */
  legal: z.array(z.tuple([memberSchema, z.int()])),
  /** Entries of the consent ledger, likewise. */
  consents: z.array(z.tuple([memberSchema, z.string()])),
  /** Traits among the fields and in the content: the version of the definition, and what it came to. */
  traits: z.array(
    z.strictObject({
      key: z.string(),
      version: z.int().nullable(),
      dataClass: dataClassSchema,
      purposes: z.array(z.string()),
      specialBy: z.array(z.string()).exactOptional(),
    }),
  ),
  /** Open traits that the policy's conditions ask for, as they were. */
  asked: jsonObjectSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** When fields were last written. */
  writtenAt: z.record(z.string(), instantSchema),
  /** How often the person had been addressed, by limit. */
  contacts: z.record(z.string(), z.int()),
  /** What was left of the budget that it is paid from; null where none was open. Absent where it costs nothing. */
  left: z.int().nullable().exactOptional(),
  /** What a person said to the activation, by id. */
  approval: z.string().nullable(),
})
export type DecisionInputs = z.infer<typeof decisionInputsSchema>

/** What decisions of a workspace have in common; changes when a purpose, a channel or a notice does. */
export const decisionSettingSchema = z.strictObject({
  purposes: z.array(
    z.looseObject({
      key: z.string(),
      bases: z.array(z.enum(lawfulBases)),
      needsGrant: z.boolean(),
      ttlDays: z.int().nullable().exactOptional(),
      doubleOptIn: z.array(z.string()).exactOptional(),
    }),
  ),
  channels: z.record(
    z.string(),
    z.strictObject({
      needsDestination: z.boolean(),
      addressedBy: z.string().nullable().exactOptional(),
    }),
  ),
  /** Which versions of notices there were, and whose grants counted. */
  notices: z
    .array(
      z.strictObject({
        id: z.string(),
        version: z.string(),
        number: z.int(),
        floor: z.int(),
      }),
    )
    .exactOptional(),
})
export type DecisionSetting = z.infer<typeof decisionSettingSchema>

/** As they are kept; those of earlier releases demanded less. */
export const decisionObligationsSchema = z.object({
  mask: z.array(z.string()).default([]),
  hash: z.array(z.string()).default([]),
  notBefore: z.coerce.date().nullable().default(null),
  maxAgeDays: z.number().nullable().default(null),
})
