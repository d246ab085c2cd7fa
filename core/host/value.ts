import { isObject, type Json } from '../model/json.ts'

/** Deeper values are refused: everything after the host walks JSON recursively. */
export const depthMax = 32

/**
 * Drops `__proto__` keys anywhere in a parsed JSON value, in place. False when it is nested deeper
 * than `depthMax`, in which case nobody should walk it further.
 */
export function disarm(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth >= depthMax) return false
  if (Array.isArray(value)) return value.every((item) => disarm(item, depth + 1))
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__')
  return Object.values(value).every((item) => disarm(item, depth + 1))
}

// A pattern from a manifest would run on plugin-written text inside the host, where nothing can
// interrupt it; a $ref may recurse. Both would let a plugin stop the process that is meant to watch it.
const unsafeKeywords: ReadonlySet<string> = new Set([
  'pattern',
  'patternProperties',
  'propertyNames',
  '$ref',
  '$dynamicRef',
])

/** The first keyword of a JSON Schema that the host does not evaluate, or undefined. */
export function unsafeKeyword(schema: Json): string | undefined {
  if (Array.isArray(schema)) return schema.map(unsafeKeyword).find((found) => found !== undefined)
  if (!isObject(schema)) return undefined
  for (const [key, value] of Object.entries(schema)) {
    // The children of `properties` are names chosen by the author, not keywords.
    const children = key === 'properties' && isObject(value) ? Object.values(value) : [value]
    if (unsafeKeywords.has(key)) return key
    const inner = children.map(unsafeKeyword).find((found) => found !== undefined)
    if (inner !== undefined) return inner
  }
  return undefined
}
