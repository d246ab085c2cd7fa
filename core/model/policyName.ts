/** How the parts of a policy are named and name things. */
import { z } from 'zod'

const namesMax = 50

export const some = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(namesMax)

export const policySentenceSchema = z.string().trim().min(10).max(300)

export const policyIdSchema = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9-]*$/, 'an id looks like app-reads-contact')

/** `plugin/agent`, `plugin/*` for all agents of a plugin, `*` for every agent. */
export const agentPatternSchema = z
  .string()
  .max(120)
  .regex(
    /^(\*|[a-z][a-z0-9-]*\/(\*|[a-z][a-z0-9-]*))$/,
    'an agent looks like churn-risk/score, churn-risk/* or *',
  )

export const rulePurposeSchema = z
  .string()
  .max(120)
  .regex(
    /^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)$/,
    'a purpose looks like marketing.promotion; * is every purpose',
  )

export const ruleChannelSchema = z
  .string()
  .max(60)
  .regex(/^(\*|[a-z][a-z0-9_-]*)$/, 'a channel looks like email; * is every channel')

/** `class:contact`, `trait:churn_risk`, `trait:plan_*`, `identifier:user_id`, `identifier:*`. */
export const fieldPatternSchema = z
  .string()
  .max(140)
  .regex(
    /^(class:(none|pseudonymous|contact|sensitive|special)|trait:.+|identifier:.+)$/,
    'a field looks like class:contact, trait:plan_* or identifier:user_id',
  )
