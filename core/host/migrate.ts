/** A plugin's `migrate`, called like an agent and answered for by the same checks as what agents return. */
import { fail, type ErrorCode, type ErrorValues } from '../errors.ts'
import { isObject, jsonSchema, type JsonObject } from '../model/json.ts'
import type { Manifest } from '../model/manifest.ts'
import { bytesOf, stateFlaw, stateLimits, type StateKind } from '../model/pluginState.ts'
import type { RawOutcome } from './engine.ts'
import { mask } from './mask.ts'

/** State of an older version: all of one profile, or one key of the plugin's own. */
export interface OldState {
  of: StateKind
  from: number
  old: JsonObject
}

export type Migrated =
  | { ok: true; state: JsonObject }
  | { ok: false; code: ErrorCode; message: string; values: ErrorValues }

/** What one item may take. */
export const migrateTimeoutMs = 100

export const migrateItem = ({ of, from, old }: OldState): string => JSON.stringify([old, from, of])

/** @param raw what the engine says of one item */
export function judgeMigrated(manifest: Manifest, given: OldState, raw: RawOutcome): Migrated {
  const refuse = (reason: string): Migrated => {
    const code = 'plugin_state_not_migrated'
    const values = { plugin: manifest.id, from: given.from, reason }
    return { ok: false, code, values, message: fail(code, values).message }
  }
  if ('lost' in raw) {
    const values = { plugin: manifest.id, agent: 'migrate', reason: raw.lost }
    return { ok: false, code: 'cell_lost', values, message: fail('cell_lost', values).message }
  }
  if ('threw' in raw) return refuse(`it threw ${mask(raw.threw, asInput(given))}`)
  if ('stopped' in raw) return refuse(raw.stopped.replaceAll('_', ' '))
  if (!('returned' in raw)) return refuse('it gave no answer')
  const flaw = stateFlaw(raw.returned)
  if (flaw !== undefined) return refuse(`it returned ${flaw}`)
  const read = jsonSchema.safeParse(raw.returned)
  if (!read.success || !isObject(read.data)) return refuse('it returned no object')
  const problem = undeclared(manifest, given, read.data)
  return problem === undefined ? { ok: true, state: read.data } : refuse(problem)
}

function undeclared(
  { state }: Manifest,
  { of, old }: OldState,
  migrated: JsonObject,
): string | undefined {
  // Keys of the plugin's own state are migrated apart, so that 10 MB of them are never in one call.
  const known = of === 'profile' ? (state?.profile ?? []) : Object.keys(old)
  const stranger = Object.keys(migrated).find((key) => !known.includes(key))
  if (stranger !== undefined)
    return `it returned the key ${stranger.slice(0, 60)}, which is not declared`
  if (of === 'plugin' || bytesOf(migrated) <= stateLimits.profileBytes) return undefined
  return `it returned ${bytesOf(migrated)} bytes, the quota is ${stateLimits.profileBytes}`
}

const asInput = ({ old }: OldState) => ({
  profile: { id: '', traits: {} },
  causes: [],
  now: '',
  state: { profile: old, plugin: {} },
})
