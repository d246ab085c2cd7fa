import { listDefinitions } from '../../blackboard/query/listDefinitions.ts'
import { registerTraits } from '../../blackboard/query/registerTraits.ts'
import type { Board } from '../board.ts'
import type { JsonObject } from '../model/json.ts'
import type { TraitDefinition } from '../model/trait.ts'
import { guessClass, type Definitions } from './classify.ts'

// Another node may register a trait; a second of not knowing it only means guessing its class again.
const maxAgeMs = 1000
/** Traits a workspace learns by itself; a client that makes names up (an id as a key) stops here. */
const learnedMax = 2000

/** The registered traits of a workspace, kept for a second. */
export interface DefinitionCache {
  /** Not to be called inside a transaction: it may read, on a connection of its own. */
  of(workspaceId: number): Promise<Definitions>
  /** Registers those of the keys that nobody knows, under the class their value suggests. */
  learn(workspaceId: number, traits: Iterable<JsonObject>): Promise<void>
  /** Reads anew at the next question, after a plugin brought its own. */
  forget(workspaceId: number): void
}

interface Entry {
  definitions: Map<string, TraitDefinition>
  readAt: number
}

export function createDefinitionCache({ db, clock }: Board): DefinitionCache {
  const entries = new Map<number, Promise<Entry>>()
  const read = async (workspaceId: number): Promise<Entry> => {
    const rows = await listDefinitions(db.sql, { workspaceId })
    return {
      readAt: clock.now().getTime(),
      definitions: new Map(rows.map((row) => [row.key, asDefinition(row)])),
    }
  }
  const current = async (workspaceId: number): Promise<Entry> => {
    const entry = await entries.get(workspaceId)?.catch(() => undefined)
    if (entry && clock.now().getTime() - entry.readAt < maxAgeMs) return entry
    const fresh = read(workspaceId)
    entries.set(workspaceId, fresh)
    return fresh
  }
  return {
    of: async (workspaceId) => (await current(workspaceId)).definitions,
    async learn(workspaceId, traits) {
      const { definitions } = await current(workspaceId)
      const unknown = new Map<string, TraitDefinition>()
      for (const values of traits) {
        for (const key in values) {
          const value = values[key]
          if (value === undefined || value === null || definitions.has(key)) continue
          // What is not learned is guessed anew each time.
          if (definitions.size + unknown.size >= learnedMax) continue
          unknown.set(key, {
            key,
            dataClass: guessClass(key, value),
            purposes: [],
            owner: null,
            guessed: true,
          })
        }
      }
      if (unknown.size === 0) return
      const rows = [...unknown.values()].map(({ key, dataClass }) => ({ key, class: dataClass }))
      await registerTraits(db.sql, {
        workspaceId,
        traits: JSON.stringify(rows),
        at: clock.now().toISOString(),
      })
      for (const [key, definition] of unknown) definitions.set(key, definition)
    },
    forget: (workspaceId) => void entries.delete(workspaceId),
  }
}

function asDefinition(row: Awaited<ReturnType<typeof listDefinitions>>[number]): TraitDefinition {
  const { key, dataClass, schema, purposes, owner, registered } = row
  return {
    key,
    dataClass,
    purposes,
    owner,
    ...(schema === null ? {} : { schema }),
    ...(registered ? {} : { guessed: true }),
  }
}
