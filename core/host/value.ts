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
