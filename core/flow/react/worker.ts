/**
 * The reacting half of a node: claims reactions in batches, runs them, and keeps its lease alive.
 *
 * The database is authoritative for who holds what. A claim names its worker and an epoch; a worker that
 * stops beating for `leaseMs` loses its claims to whoever sweeps first, and what it still tries to commit
 * finds its lease gone. So a killed process loses nothing and doubles nothing.
 */
import { armReactions } from '../../../blackboard/query/armReactions.ts'
import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { claimReactions, type ClaimedRow } from '../../../blackboard/query/claimReactions.ts'
import { freeStrays } from '../../../blackboard/query/freeStrays.ts'
import { releaseReactions } from '../../../blackboard/query/releaseReactions.ts'
import { sweepWorkers } from '../../../blackboard/query/sweepWorkers.ts'
import { trouble } from '../../trouble.ts'
import { repeat } from '../repeat.ts'
import { giveBack, runBatch, type BatchDeps } from './batch.ts'
import type { Crew, RunnableAgent } from './reaction.ts'

export interface WorkerOptions {
  /** Items a plugin is handed in one call; 50 brings 5 times the throughput of 1, more brings little. */
  batchItemsMax: number
  /** Batches under way at once. */
  batchesMax: number
  leaseMs: number
  beatMs: number
  sweepMs: number
  pollMs: number
}

export const workerDefaults = {
  batchItemsMax: 50,
  batchesMax: 4,
  leaseMs: 2000,
  beatMs: 500,
  sweepMs: 250,
  pollMs: 500,
} as const satisfies WorkerOptions

// A claim starts where the last one ended; this often it starts at the head again, for what is urgent or
// was given back.
const rewindMs = 200
const head = { rank: -32_768, position: 0 } as const
const armMax = 500
// What a lost connection or a process killed before its first beat left claimed is looked for this often.
const straysMs = 10_000

export interface Worker extends AsyncDisposable {
  /** Resolves when the agenda holds nothing that could run now. For tests and the demo. */
  idle(): Promise<void>
  readonly counts: Readonly<Record<'committed' | 'stale' | 'lost' | 'failed', number>>
}

export function startWorker(
  deps: BatchDeps,
  crew: Crew,
  options: WorkerOptions = workerDefaults,
): Worker {
  const { board, owner } = deps
  const { db, log, signals } = board
  const counts = { committed: 0, stale: 0, lost: 0, failed: 0 }
  const running = new Map<Promise<void>, readonly ClaimedRow[]>()
  const waiting = new Set<() => void>()
  let floor: { rank: number; position: number } = head
  let rewoundAt = 0
  let freedAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let wake: () => void = () => undefined
  let awake = false
  const rouse = (): void => {
    awake = true
    wake()
  }
  const rest = async (ms: number): Promise<void> => {
    if (!awake) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
    }
    awake = false
  }

  /** Reactions that are claimed and run nowhere, as far as the database can tell. */
  const gatherStrays = async (): Promise<void> => {
    const now = performance.now()
    if (now - freedAt < straysMs) return
    const held = [...running.values()].flat().map(({ workspaceId, profileId, agent, epoch }) => ({
      ...{ workspaceId, profileId, agent, epoch },
    }))
    const strays = await freeStrays(db.sql, { owner, held: JSON.stringify(held) })
    if (strays.length > 0) floor = head
    freedAt = now
  }

  const claim = async (): Promise<number> => {
    await gatherStrays()
    const free = options.batchesMax - running.size
    const agents = crew.all().map(({ workspaceId, name }) => `${workspaceId} ${name}`)
    if (free <= 0 || agents.length === 0) return 0
    const limit = free * options.batchItemsMax
    const now = board.clock.now().getTime()
    if (now - rewoundAt > rewindMs) [floor, rewoundAt] = [head, now]
    const rows = await claimReactions(db.sql, { agents, ...floor, limit, owner })
    floor = rows.length < limit ? head : furthest(rows)
    const { groups, strangers } = byAgent(crew, rows)
    await Promise.all(strangers.map((row) => returnRow(deps, row)))
    for (const [agent, items] of groups) {
      for (let at = 0; at < items.length; at += options.batchItemsMax) {
        launch(agent, items.slice(at, at + options.batchItemsMax))
      }
    }
    return rows.length
  }

  const launch = (agent: RunnableAgent, items: ClaimedRow[]): void => {
    const done = runBatch(deps, agent, items)
      .then(({ committed, stale, lost }) => {
        counts.committed += committed
        counts.stale += stale
        counts.lost += lost
      })
      .catch(async (thrown: unknown) => {
        counts.failed += items.length
        log.warn({ agent: agent.name, ...trouble(thrown) }, 'a batch of reactions failed')
        await giveBack(deps, agent, items, thrown)
      })
      .catch((thrown: unknown) => {
        freedAt = Number.NEGATIVE_INFINITY
        log.error({ agent: agent.name, ...trouble(thrown) }, 'reactions could not be given back')
      })
      .finally(() => {
        running.delete(done)
        rouse()
      })
    running.set(done, items)
  }

  const keepLease = (): Promise<unknown> =>
    beatWorker(db.sql, { id: owner, leaseMs: options.leaseMs })

  const loop = async (): Promise<void> => {
    // Before the first claim: what a worker unknown to the others claims looks abandoned.
    await keepLease().catch((thrown: unknown) => log.warn(trouble(thrown), 'the first beat failed'))
    while (!stopped) {
      let found = 0
      const asking = [...waiting]
      const before = { fromHead: floor === head, running: running.size }
      try {
        found = await claim()
        // From beyond the head nothing may be left where much was given back before it.
        if (found === 0 && !before.fromHead && floor === head) continue
        if (found === 0 && before.running === 0) {
          for (const resolve of asking) {
            waiting.delete(resolve)
            resolve()
          }
        }
      } catch (thrown) {
        freedAt = Number.NEGATIVE_INFINITY
        log.warn(trouble(thrown), 'claiming reactions failed')
      }
      if (found === 0 || running.size >= options.batchesMax) {
        await rest(options.pollMs * (0.75 + Math.random() / 2))
      }
    }
  }

  const stopListening = signals.on('agenda', rouse)
  const beat = repeat('beat', options.beatMs, log, async () => {
    await keepLease()
    return 0
  })
  const sweep = repeat('sweep', options.sweepMs, log, async () => {
    const [armed, swept] = [
      await armReactions(db.sql, { now: board.clock.now().toISOString(), limit: armMax }),
      await sweepWorkers(db.sql, { leaving: '' }),
    ]
    if (armed.length > 0 || swept.length > 0) rouse()
    if (swept.length > 0) signals.send('approved')
    return 0
  })
  const looping = loop()

  return {
    counts,
    idle() {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      rouse()
      return promise
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      stopListening()
      rouse()
      await looping
      await Promise.all(running.keys())
      await Promise.all([beat[Symbol.asyncDispose](), sweep[Symbol.asyncDispose]()])
      for (const resolve of waiting) resolve()
      await sweepWorkers(db.sql, { leaving: owner }).catch((thrown: unknown) => {
        log.warn(trouble(thrown), 'the lease could not be returned and runs out by itself')
      })
    },
  }
}

function furthest(rows: readonly ClaimedRow[]): { rank: number; position: number } {
  return rows.reduce<{ rank: number; position: number }>(
    (far, { rank, position }) =>
      rank > far.rank || (rank === far.rank && position > far.position) ? { rank, position } : far,
    head,
  )
}

/** Rows by their agent; `strangers` are of agents that went away while the claim was under way. */
function byAgent(
  crew: Crew,
  rows: readonly ClaimedRow[],
): { groups: Map<RunnableAgent, ClaimedRow[]>; strangers: ClaimedRow[] } {
  const groups = new Map<RunnableAgent, ClaimedRow[]>()
  const strangers: ClaimedRow[] = []
  for (const row of rows) {
    const agent = crew.find(row.workspaceId, row.agent)
    const group = agent && groups.get(agent)
    if (group) group.push(row)
    else if (agent) groups.set(agent, [row])
    else strangers.push(row)
  }
  return { groups, strangers }
}

const returnRow = (
  { board, owner }: BatchDeps,
  { workspaceId, agent, profileId, epoch }: ClaimedRow,
): Promise<unknown> =>
  releaseReactions(board.db.sql, {
    workspaceId,
    agent,
    owner,
    ids: [profileId],
    items: JSON.stringify([
      { profileId, epoch, dueAt: null, parked: null, error: null, free: true },
    ]),
  })
