import { z } from 'zod'

export const namespaceSchema = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_.]*$/, 'a namespace is lower case, such as user_id or ios.idfa')

export const identifierSchema = z.object({
  namespace: namespaceSchema,
  value: z.string().min(1).max(500),
})

export type Identifier = z.infer<typeof identifierSchema>

/** Namespaces whose values are personal data: only a blind index is kept in the open, the value in the vault. */
const contactNamespaces: ReadonlySet<string> = new Set(['email', 'phone'])

export const isContactNamespace = (namespace: string): boolean => contactNamespaces.has(namespace)

const namespacePriority: Readonly<Record<string, number>> = { user_id: 1, email: 2, phone: 3 }

/** Lower is stronger: user_id 1, email 2, phone 3, device and cookie ids last, as Segment Unify orders them. */
export function priorityOf(namespace: string): number {
  return namespacePriority[namespace] ?? (namespace === 'anonymous_id' ? 99 : 10)
}

// Values that many clients send for "nobody": joining on them would collapse strangers into one profile.
// The list is the union of those that Segment Unify and PostHog refuse.
const blocked: ReadonlySet<string> = new Set([
  '-1',
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'true',
  'false',
  'anonymous',
  'guest',
  'unknown',
  'email',
  'id',
  'distinct_id',
  'distinctid',
  'not_authenticated',
  '[object object]',
])

/** True when a value stands for nobody in particular and must not identify anyone. */
export function isBlocked(value: string): boolean {
  const bare = value
    .trim()
    .replaceAll(/^["']|["']$/g, '')
    .toLowerCase()
  return /^[0-]*$/.test(bare) || blocked.has(bare)
}

/**
 * The form in which an identifier is compared: email is trimmed and lower-cased, phone keeps digits and
 * a leading plus, everything else is trimmed. Returns undefined when nothing usable is left.
 */
export function normalise({ namespace, value }: Identifier): Identifier | undefined {
  const text = comparable(namespace, value.trim())
  return text === '' || text.length > 500 || isBlocked(text)
    ? undefined
    : { namespace, value: text }
}

function comparable(namespace: string, text: string): string {
  if (namespace === 'email') return text.toLowerCase()
  if (namespace === 'phone') return text.replaceAll(/(?!^\+)\D/g, '')
  return text
}
