import { z } from 'zod'
import { isObject, type Json, type JsonObject } from './json.ts'

/** What a plugin may keep beside traits. Bytes are those of the JSON text in UTF-8. */
export const stateLimits = {
  /** All that one plugin keeps for one profile. */
  profileBytes: 16_384,
  /** All that one plugin keeps for itself: 10 MB. */
  pluginBytes: 10_485_760,
  /** Levels of one value. */
  depth: 16,
} as const

const stateKeySchema = z
  .string()
  .max(60)
  .regex(/^[a-z][A-Za-z0-9_]*$/, 'use a name such as last_seen or visits')

/** Which keys of the plugin's state one of its agents is handed and may write. */
export const agentStateSchema = z.strictObject({
  profile: z.array(stateKeySchema).max(50).default([]),
  plugin: z.array(stateKeySchema).max(200).default([]),
})

export const pluginStateSchema = agentStateSchema.extend({
  /** Of the shape of what is kept; a higher one than before needs `migrate`. */
  version: z.int().min(1).max(1_000_000),
})

/** `profile`: kept for each profile. `plugin`: kept once, for all of them. */
export type StateKind = 'profile' | 'plugin'

export type PluginState = z.infer<typeof pluginStateSchema>

export const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value))

/** Why something may not be kept: a key that is refused, or its depth; nothing of the value. */
export function stateFlaw(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  // One level above the values stands the object of the keys.
  if (depth > stateLimits.depth) return `nested deeper than ${stateLimits.depth} levels`
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') return 'a key __proto__'
    const flaw = stateFlaw(inner, depth + 1)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

/** What stands with what an agent wrote; null takes a key away. */
export function patched(state: JsonObject, patch: Readonly<Record<string, Json>>): JsonObject {
  const entries = Object.entries({ ...state, ...patch })
  return Object.fromEntries(entries.filter(([, value]) => value !== null))
}

export const pickKeys = (state: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = Object.hasOwn(state, key) ? state[key] : undefined
      return value === undefined ? [] : [[key, value]]
    }),
  )

/** A value as an object of state, or undefined when it is none. */
export const asState = (value: Json | undefined): JsonObject | undefined =>
  isObject(value) ? value : undefined
