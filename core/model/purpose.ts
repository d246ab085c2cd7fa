import { z } from 'zod'

/** A dot-separated path such as `marketing.promotion`; lower case, at most 120 characters. */
export const purposeSchema = z
  .string()
  .max(120)
  .regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/, 'a purpose looks like marketing.promotion')

/**
 * True when a grant for `granted` covers `wanted`: the same purpose or an ancestor at a dot boundary,
 * so `marketing` covers `marketing.ads` and not `marketingplus`.
 */
export function covers(granted: string, wanted: string): boolean {
  return granted !== '' && (wanted === granted || wanted.startsWith(`${granted}.`))
}

/** The purpose itself, then its ancestors: `a.b.c` gives `a.b.c`, `a.b`, `a`. */
export function lineage(purpose: string): string[] {
  const parts = purpose.split('.')
  return parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join('.'))
}

/** Stands where no purpose is left: it covers none and none covers it, and an empty list would mean every one. */
export const noPurpose = '-'
