import { z } from 'zod'
import { jsonObjectSchema } from './json.ts'
import { roleSchema } from './principal.ts'
import { purposeSchema } from './purpose.ts'

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
const namesMax = 50

const idSchema = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9-]*$/, 'an id looks like app-reads-contact')

/** `plugin/agent`, `plugin/*` for all agents of a plugin, `*` for every agent. */
const agentPatternSchema = z
  .string()
  .max(120)
  .regex(
    /^(\*|[a-z][a-z0-9-]*\/(\*|[a-z][a-z0-9-]*))$/,
    'an agent looks like churn-risk/score, churn-risk/* or *',
  )

const rulePurposeSchema = z.union([z.literal('*'), purposeSchema])

const ruleChannelSchema = z
  .string()
  .max(60)
  .regex(/^(\*|[a-z][a-z0-9_-]*)$/, 'a channel looks like email; * is every channel')

/** `class:contact`, `trait:churn_risk`, `trait:plan_*`, `identifier:user_id`, `identifier:*`. */
const fieldPatternSchema = z
  .string()
  .max(140)
  .regex(
    /^(class:(none|pseudonymous|contact|sensitive|special)|trait:.+|identifier:.+)$/,
    'a field looks like class:contact, trait:plan_* or identifier:user_id',
  )

const some = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(namesMax)

export const policyRuleSchema = z.strictObject({
  id: idSchema,
  /** What the rule means, for people: "Apps read names and addresses only to give service." */
  sentence: z.string().trim().min(10).max(300),
  effect: z.enum(['permit', 'forbid']),
  /** Who: principals by role, agents by name, or both. */
  roles: some(roleSchema).optional(),
  agents: some(agentPatternSchema).optional(),
  action: z.enum(policyActions),
  subject: z.enum(policySubjects),
  /** What for; a purpose covers its children, `*` also covers having none. */
  purposes: some(rulePurposeSchema).optional(),
  /** Of a profile: which values. A forbid without fields is about the whole profile. */
  fields: some(fieldPatternSchema).optional(),
  /** Of an activation: by which ways. */
  channels: some(ruleChannelSchema).optional(),
  /** Of the profile, in MongoDB's words: `{ "traits.country": { "$in": ["DE", "FR"] } }`. */
  when: jsonObjectSchema.optional(),
  /** The code a refused caller is shown, such as `contact_needs_service`. */
  reason: z
    .string()
    .max(60)
    .regex(/^[a-z][a-z0-9_]*$/, 'a reason is a code such as do_not_contact'),
})
export type PolicyRule = z.infer<typeof policyRuleSchema>

export const policyDocumentSchema = z.strictObject({
  title: z.string().trim().min(1).max(120),
  description: z.string().max(2000).optional(),
  rules: z.array(policyRuleSchema).min(1).max(rulesMax),
})
export type PolicyDocument = z.infer<typeof policyDocumentSchema>
