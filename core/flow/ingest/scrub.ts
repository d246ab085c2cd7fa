import { fail, type SlateboardError } from '../../errors.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'

const depthMax = 32
const poisonous: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Makes a parsed item safe to store, in place: keys that could reach a prototype are removed. Returns
 * why it cannot be stored at all (nested too deeply, U+0000, half of a surrogate pair, a number beyond
 * double precision), or undefined.
 *
 * `hasEscapes` says that the JSON text held a `\u` escape. Without one no string can hold U+0000 or half
 * a pair, because UTF-8 decoding cannot produce them; looking at strings only then saves half the time.
 */
export function scrub(item: JsonObject, hasEscapes: boolean): SlateboardError | undefined {
  return scrubObject(item, hasEscapes, 1)
}

function scrubObject(
  object: JsonObject,
  hasEscapes: boolean,
  depth: number,
): SlateboardError | undefined {
  if (depth > depthMax) return fail('item_too_deep', { limit: depthMax })
  for (const key of Object.keys(object)) {
    if (poisonous.has(key)) {
      delete object[key]
      continue
    }
    const fault = scrubText(key, hasEscapes) ?? scrubValue(object[key], hasEscapes, depth)
    if (fault) return fault
  }
  return undefined
}

function scrubValue(
  value: Json | undefined,
  hasEscapes: boolean,
  depth: number,
): SlateboardError | undefined {
  if (typeof value === 'string') return scrubText(value, hasEscapes)
  if (typeof value === 'number') {
    return Number.isFinite(value)
      ? undefined
      : fail('item_unstorable', { reason: 'a number beyond 1e308' })
  }
  if (Array.isArray(value)) return scrubArray(value, hasEscapes, depth + 1)
  return isObject(value) ? scrubObject(value, hasEscapes, depth + 1) : undefined
}

function scrubArray(
  values: readonly Json[],
  hasEscapes: boolean,
  depth: number,
): SlateboardError | undefined {
  if (depth > depthMax) return fail('item_too_deep', { limit: depthMax })
  for (const value of values) {
    const fault = scrubValue(value, hasEscapes, depth)
    if (fault) return fault
  }
  return undefined
}

function scrubText(text: string, hasEscapes: boolean): SlateboardError | undefined {
  if (!hasEscapes) return undefined
  if (text.includes('\u0000')) return fail('item_unstorable', { reason: 'the character U+0000' })
  if (!text.isWellFormed()) return fail('item_unstorable', { reason: 'half of a surrogate pair' })
  return undefined
}
