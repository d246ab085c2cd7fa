import { z } from 'zod'
import { jsonObjectSchema } from './json.ts'
import { policyLimitSchema } from './policyLimit.ts'
import {
  agentPatternSchema,
  fieldPatternSchema,
  policyIdSchema,
  policySentenceSchema,
  ruleChannelSchema,
  rulePurposeSchema,
  some,
} from './policyName.ts'
import { policyTestSchema, policyTestsMax } from './policyTest.ts'
import { roleSchema } from './principal.ts'
import { dataClassSchema } from './trait.ts'

/**
 * A policy is data: rules that a compliance officer edits. A rule says in one sentence what it means, and
 * beside it, in the same order, what the machine does: who may (or may not) do what, for which purposes,
 * to which fields, when. What no rule permits is refused, and a forbid wins over every permit, wherever
 * it stands in the document.
 */
export const policySubjects = [
  'Profile',
  'Event',
  'Consent',
  'Activation',
  'Decision',
  'Plugin',
  'Policy',
  'Source',
  'Principal',
  'TraitDefinition',
  'SubjectRequest',
  'Budget',
  'Objective',
  'AuditEntry',
  'Metric',
] as const
export type PolicySubject = (typeof policySubjects)[number]

export const policyActions = [
  'read',
  'write',
  'send',
  'activate',
  'propose',
  'approve',
  'record',
  'administer',
] as const
export type PolicyAction = (typeof policyActions)[number]

const rulesMax = 500
const limitsMax = 50

/** An instant, as RFC 3339 writes it: with seconds and the distance from UTC. */
const instantSchema = z.iso.datetime({
  offset: true,
  error: 'an instant looks like 2026-01-31T00:00:00Z',
})

// The descriptions are part of the published schema: an editor shows them while the officer types.
export const policyRuleSchema = z.strictObject({
  id: policyIdSchema.describe('The name of the rule, by which decisions refer to it'),
  sentence: policySentenceSchema.describe(
    'What the rule means, for people: "Apps read addresses only to give service."',
  ),
  effect: z
    .enum(['permit', 'forbid'])
    .describe('A forbid wins over every permit, wherever it stands in the document'),
  roles: some(roleSchema).optional().describe('Who: principals by their role'),
  agents: some(agentPatternSchema)
    .optional()
    .describe('Who: agents by name, such as churn-risk/score, churn-risk/* or *'),
  action: z.enum(policyActions).describe('What is done'),
  subject: z.enum(policySubjects).describe('What it is done to'),
  purposes: some(rulePurposeSchema)
    .optional()
    .describe('What for; a purpose covers its children, * also covers having none'),
  fields: some(fieldPatternSchema)
    .optional()
    .describe(
      'Of a profile: which values, such as class:contact, trait:plan_* or identifier:email. A forbid without fields is about the whole profile',
    ),
  channels: some(ruleChannelSchema)
    .optional()
    .describe('Of an activation: by which ways it may leave; * is every channel'),
  when: jsonObjectSchema
    .optional()
    .describe('Of which profiles: conditions that must all hold, such as "traits.country": "DE"'),
  from: instantSchema.optional().describe('The rule counts from this instant on'),
  until: instantSchema.optional().describe('The rule counts until this instant'),
  reason: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9_]*$/, 'a reason is a code such as do_not_contact')
    .describe('The code a refused caller is shown, such as contact_needs_service'),
})
export type PolicyRule = z.infer<typeof policyRuleSchema>

export const policyDocumentSchema = z.strictObject({
  $schema: z.string().max(500).optional().describe('Where editors find this schema; not kept'),
  title: z.string().trim().min(1).max(120).describe('What the document is about'),
  description: z.string().max(2000).optional().describe('Anything else that readers should know'),
  unknownTraits: dataClassSchema
    .exclude(['none'])
    .optional()
    .describe(
      'The class under which a trait that nobody defined is taken in, unless it looks like something worse; pseudonymous when left out',
    ),
  rules: z.array(policyRuleSchema).min(1).max(rulesMax).describe('What no rule permits is refused'),
  limits: z
    .array(policyLimitSchema)
    .max(limitsMax)
    .optional()
    .describe(
      'How often, when and in which form what the rules permit may leave; all that apply bind',
    ),
  tests: z
    .array(policyTestSchema)
    .max(policyTestsMax)
    .optional()
    .describe('Tables that the rules have to pass before they may be proposed or come into force'),
})
/** `$schema` is for the author's editor: it is no part of what the policy says, nor of its hash. */
export type PolicyDocument = Omit<z.infer<typeof policyDocumentSchema>, '$schema'>
