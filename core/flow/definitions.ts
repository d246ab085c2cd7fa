import { listDefinitions } from '../../blackboard/query/listDefinitions.ts'
import { registerTraits } from '../../blackboard/query/registerTraits.ts'
import type { Board } from '../board.ts'
import type { JsonObject } from '../model/json.ts'
import { isVaulted, type DataClass, type TraitDefinition } from '../model/trait.ts'
import { asDefinition } from '../trait/definition.ts'
import { guessClass, type Definitions } from './classify.ts'

// Another node may register a trait; a second of not knowing it only means guessing its class again.
const maxAgeMs = 1000
/** Traits a workspace learns by itself; a client that makes names up (an id as a key) stops here. */
const learnedMax = 2000

/** Traits as one source stated them. */
export interface Stated {
  sourceId: string
  traits: JsonObject
}

/** The registered traits of a workspace, kept for a second. */
export interface DefinitionCache {
  /** Not to be called inside a transaction: it may read, on a connection of its own. */
  of(workspaceId: number): Promise<Definitions>
  /** Lists those traits that nobody knows, under the class their value suggests, for an officer to classify. */
  learn(workspaceId: number, stated: Iterable<Stated>): Promise<void>
  /** Reads anew at the next question, after a plugin brought its own. */
  forget(workspaceId: number): void
}

/** Definitions, and the class of what has none and looks harmless. */
class DefinitionMap extends Map<string, TraitDefinition> {
  unknownClass: DataClass = 'pseudonymous'
}

interface Entry {
  definitions: DefinitionMap
  readAt: number
}

/** @param unknownClass what the active policy makes of traits that nobody knows; `none` is not believed */
export function createDefinitionCache(
  { db, clock, signals }: Board,
  unknownClass: (workspaceId: number) => Promise<DataClass>,
): DefinitionCache {
  const entries = new Map<number, Promise<Entry>>()
  const read = async (workspaceId: number): Promise<Entry> => {
    const [rows, unknown] = await Promise.all([
      listDefinitions(db.sql, { workspaceId }),
      unknownClass(workspaceId),
    ])
    const definitions = new DefinitionMap(rows.map((row) => [row.key, asDefinition(row)]))
    if (isVaulted(unknown)) definitions.unknownClass = unknown
    return { readAt: clock.now().getTime(), definitions }
  }
  const current = async (workspaceId: number): Promise<Entry> => {
    const entry = await entries.get(workspaceId)?.catch(() => undefined)
    if (entry && clock.now().getTime() - entry.readAt < maxAgeMs) return entry
    const fresh = read(workspaceId)
    entries.set(workspaceId, fresh)
    return fresh
  }
  signals.on('trait', () => entries.clear())
  return {
    of: async (workspaceId) => (await current(workspaceId)).definitions,
    async learn(workspaceId, stated) {
      const { definitions } = await current(workspaceId)
      const unknown = strangers(definitions, stated)
      if (unknown.size === 0) return
      const rows = [...unknown.values()].map(({ definition: { key, dataClass }, source }) => ({
        key,
        class: dataClass,
        source,
      }))
      await registerTraits(db.sql, {
        workspaceId,
        traits: JSON.stringify(rows),
        at: clock.now().toISOString(),
      })
      for (const [key, { definition }] of unknown) definitions.set(key, definition)
    },
    forget: (workspaceId) => void entries.delete(workspaceId),
  }
}

interface Stranger {
  definition: TraitDefinition
  /** Where it was first seen. */
  source: string
}

/** What is stated and nobody knows. Beyond the limit it is not learned, and guessed anew each time. */
function strangers(definitions: DefinitionMap, stated: Iterable<Stated>): Map<string, Stranger> {
  const unknown = new Map<string, Stranger>()
  for (const { traits, sourceId } of stated) {
    for (const key in traits) {
      const value = traits[key]
      if (value === undefined || value === null) continue
      if (definitions.has(key) || unknown.has(key)) continue
      if (definitions.size + unknown.size >= learnedMax) continue
      const dataClass = guessClass(key, value, definitions.unknownClass)
      const definition = { key, dataClass, purposes: [], owner: null, guessed: true as const }
      unknown.set(key, { definition, source: sourceId })
    }
  }
  return unknown
}
