import { addAccesses } from '../../blackboard/query/addAccesses.ts'
import { listDefinitions } from '../../blackboard/query/listDefinitions.ts'
import { identifierField } from '../../policies/vocabulary.ts'
import type { Board } from '../board.ts'
import { repeat } from '../flow/repeat.ts'
import { ruleClass, type DataClass } from '../model/trait.ts'
import type { Accessed, Accessor } from '../signal.ts'
import { trouble } from '../trouble.ts'
import { asDefinition } from '../trait/definition.ts'

/**
 * How long a count may stay in memory. A crash loses at most that much of it: these are statistics that show
 * whether what is promised is what is done, and no evidence of a single act, which stands in decisions and on
 * the audit chain with the act itself.
 */
const flushMs = 30_000
/** Kinds of use kept between two flushes; a client that makes names up fills no memory with them. */
const countsMax = 20_000

export interface Observations extends AsyncDisposable {
  /** Writes down what was counted. @returns how many kinds of use */
  flush(): Promise<number>
}

interface Count {
  by: Accessor
  object: string
  /** UTC, as in 2026-01-31. */
  day: string
  count: number
  firstAt: Date
  lastAt: Date
}

/** Counts uses of data in memory and writes the sums down now and then, and when it is disposed. */
export function createObservations(board: Board): Observations {
  const { signals, clock, log } = board
  let counts = new Map<string, Count>()
  const add = (by: Accessor, { object, count = 1 }: Accessed, at: Date): void => {
    const day = at.toISOString().slice(0, 10)
    const key = `${by.workspaceId} ${day} ${by.actor} ${by.kind} ${by.purpose}\n${object}`
    const known = counts.get(key)
    if (known) {
      known.count += count
      known.lastAt = at
    } else if (counts.size < countsMax) {
      counts.set(key, { by, object, day, count, firstAt: at, lastAt: at })
    }
  }
  const deafen = signals.onAccessed((by, what) => {
    const at = clock.now()
    for (const each of what) add(by, each, at)
  })
  async function flush(): Promise<number> {
    const taken = counts
    counts = new Map()
    const all = [...taken.values()]
    for (const [workspaceId, own] of Map.groupBy(all, ({ by }) => by.workspaceId)) {
      try {
        await write(board, workspaceId, own)
      } catch (thrown) {
        // Counted again, together with what came meanwhile; the next flush tries anew.
        for (const { by, object, count, firstAt } of own) add(by, { object, count }, firstAt)
        throw thrown
      }
    }
    return all.length
  }
  const flushing = repeat('observe', flushMs, log, async () => {
    await flush()
    return 0
  })
  return {
    flush,
    async [Symbol.asyncDispose]() {
      deafen()
      await flushing[Symbol.asyncDispose]()
      await flush().catch((thrown: unknown) => {
        log.warn(trouble(thrown), 'the last counts of uses of data were lost')
      })
    },
  }
}

async function write(board: Board, workspaceId: number, counts: readonly Count[]): Promise<void> {
  const { sql } = board.db
  const rows = await listDefinitions(sql, { workspaceId })
  const definitions = new Map(rows.map((row) => [row.key, asDefinition(row)]))
  const classOf = (object: string): DataClass => {
    const [kind = '', ...rest] = object.split(':')
    const key = rest.join(':')
    if (kind === 'identifier') return identifierField(key).dataClass
    if (kind !== 'trait' && kind !== 'property') return 'none'
    const definition = definitions.get(key)
    return definition ? ruleClass(definition) : 'pseudonymous'
  }
  const accesses = counts.map(({ by: { actor, kind, purpose }, object, ...rest }) => ({
    actor,
    kind,
    purpose,
    object,
    dataClass: classOf(object),
    ...rest,
  }))
  await addAccesses(sql, { workspaceId, accesses: JSON.stringify(accesses) })
}
