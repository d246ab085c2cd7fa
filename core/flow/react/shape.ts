import type { ReactInput } from '../../host/contract.ts'
import type { Json, JsonObject } from '../../model/json.ts'

/** Names of one level that are told at most. */
const namesMax = 50

/**
 * What a handler was given, with types and lengths instead of values. Names below the first level may be a
 * person's data, as in a map by address, and are left out.
 */
export const shapeOf = ({ profile, causes }: ReactInput): JsonObject => ({
  traits: shapes(Object.entries(profile.traits).map(([key, { value }]) => [key, value])),
  causes: causes.slice(0, namesMax).map((cause): JsonObject => {
    if (cause.kind === 'event') {
      const { kind, id, type, properties } = cause
      return { kind, id, type, properties: shapes(Object.entries(properties)) }
    }
    if (cause.kind === 'trait') return { kind: cause.kind, key: cause.key }
    if (cause.kind === 'consent') {
      return { kind: cause.kind, purpose: cause.purpose, channel: cause.channel }
    }
    return { kind: cause.kind }
  }),
})

const shapes = (entries: readonly [string, Json][]): JsonObject =>
  Object.fromEntries(entries.slice(0, namesMax).map(([name, value]) => [name, shape(value)]))

function shape(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `list(${value.length})`
  if (typeof value === 'object') return `object(${Object.keys(value).length})`
  return typeof value === 'string' ? `text(${value.length})` : typeof value
}
