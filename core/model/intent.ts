/** What agents announce before they act, so that others can veto it or prepare. */
import { z } from 'zod'
import { proposalSchema } from './activation.ts'
import type { Trace } from './trace.ts'

const dayMs = 86_400_000

/**
 * `open`: others may veto it until its window closes. `carried`: nobody did, and what it announced was proposed.
 * `conflicted`: another announced the opposite of the same thing; a person decides. `lapsed`: it was taken back, or not
 * chosen, or nobody is there any more who could carry it out.
 */
export const intentStates = ['open', 'vetoed', 'conflicted', 'carried', 'lapsed'] as const
export type IntentState = (typeof intentStates)[number]

const word = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/, 'use lower case, such as spend or send-offer')

/** What kind of act it is about, such as `spend`. */
export const intentKindSchema = word

/** What is acted upon, in a name that agents agree on, such as `channel:email`. Nothing of a person. */
const resourceSchema = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9][\w.:/-]*$/, 'name the resource in letters, digits and . : / - _')

export const intentSchema = z.strictObject({
  kind: intentKindSchema,
  resource: resourceSchema,
  /** Two intents on one resource that name different directions, such as up and down, are opposed. */
  direction: word.optional(),
  /** How long others have to say no. */
  windowMs: z.int().min(100).max(dayMs),
  /** What is proposed once the window has closed. */
  activation: proposalSchema.optional(),
})
export type Intent = z.infer<typeof intentSchema>

export const vetoSchema = z.strictObject({
  /** Of the intent, as its cause names it. */
  intent: z.string().min(1).max(40),
  reason: z.string().min(1).max(200),
})

/** What agents are told of an intent. */
export interface IntentWord {
  id: string
  state: IntentState
  /** `plugin/agent` that announced it. */
  agent: string
  kind: string
  direction: string | null
  resource: string
}

/** Two agents want different directions for one resource. */
export const isOpposed = (
  one: Pick<IntentWord, 'agent' | 'direction' | 'resource'>,
  other: Pick<IntentWord, 'agent' | 'direction' | 'resource'>,
): boolean =>
  one.resource === other.resource &&
  one.agent !== other.agent &&
  one.direction !== null &&
  other.direction !== null &&
  one.direction !== other.direction

/** As a reference that says it all: the agenda keeps it, and no agent has it looked up. */
export const intentCause = ({ id, state, agent, kind, direction, resource }: IntentWord): string =>
  `i:${id}:${state}:${agent}:${kind}:${direction ?? ''}:${resource}`

/** @param parts of a reference, without its tag */
export function readIntent(parts: readonly string[]): IntentWord {
  const [id = '', said, agent = '', kind = '', direction = '', ...resource] = parts
  const state = intentStates.find((known) => known === said) ?? 'open'
  return { id, state, agent, kind, direction: direction || null, resource: resource.join(':') }
}

/** An intent that a reaction announces, as a row. */
export interface AnnouncedIntent extends Omit<Intent, 'activation' | 'direction' | 'windowMs'> {
  id: string
  profileId: string
  agent: string
  direction: string | null
  proposal: Intent['activation'] | null
  cause: string
  hop: number
  trail: string
  trace: Trace | null
  /** ISO 8601, UTC. */
  closesAt: string
}
