import { createHash } from 'node:crypto'
import type { Json } from '../../model/json.ts'
import { isContactNamespace, normalise } from '../../model/identifier.ts'

/**
 * SHA-256, in hex, of a value's normal form. Advertising platforms match audiences by exactly this, without a salt,
 * so it is what an audience has to carry; it hides an address from who does not have it, and not from who guesses.
 * An email is trimmed and lower-cased, a phone number is a plus and digits, other text is trimmed and lower-cased.
 *
 * @param key of the trait, or the identifier's namespace
 */
export function hashed(key: string, value: Json): string {
  return createHash('sha256').update(normalForm(key, value)).digest('hex')
}

function normalForm(key: string, value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const known = isContactNamespace(key) ? normalise({ namespace: key, value }) : undefined
  return known?.value ?? value.trim().toLowerCase()
}
