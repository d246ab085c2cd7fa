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
import { Alarm } from '../alarm.ts'
import { repeat } from '../repeat.ts'
import { giveBack, loadBatches, runBatch, type BatchDeps, type Loaded } from './batch.ts'
import { Committer } from './committer.ts'
import { byAgent, inBatches, inLoads, type ClaimedBatch } from './group.ts'
import type { Crew, RunnableAgent } from './reaction.ts'
import { Presence } from './presence.ts'
import { nameOf, Shell } from './shell.ts'
import { Throttle } from './throttle.ts'

export interface WorkerOptions {
  /** Items a plugin is handed in one call; 50 brings 5 times the throughput of 1, more brings little. */
  batchItemsMax: number
  /** Whole batches under way at once, or as many reactions in smaller ones. */
  batchesMax: number
  /** Agents that one claim takes reactions of, at most. */
  agentsMax: number
  leaseMs: number
  beatMs: number
  sweepMs: number
  pollMs: number
  /** An agent that waits so long is taken for one point of priority more urgent. */
  ageingMs: number
  /** A batch that takes longer is too large for its agent. */
  batchMsMax: number
}

export const workerDefaults = {
  batchItemsMax: 50,
  batchesMax: 4,
  agentsMax: 32,
  leaseMs: 2000,
  beatMs: 500,
  sweepMs: 250,
  pollMs: 500,
  ageingMs: 1000,
  batchMsMax: 500,
} as const satisfies WorkerOptions

// A claim starts where the last one ended; this often it starts at the head again, for what is urgent or
// was given back.
const rewindMs = 200
const armMax = 500
// What a lost connection or a process killed before its first beat left claimed is looked for this often.
const straysMs = 10_000

export interface Worker extends AsyncDisposable {
  /** Resolves when the agenda holds nothing that could run now. For tests and the demo. */
  idle(): Promise<void>
  readonly counts: Readonly<Record<'committed' | 'stale' | 'lost' | 'failed', number>>
  /** Milliseconds that batches took, and of these in the agents' code; reactions that began by their deadline, or not. */
  readonly tallies: Readonly<Record<'ms' | 'agentMs' | 'met' | 'missed', number>>
  /** How many reactions of each agent that runs may be under way at once, by plugin/agent. */
  windows(): ReadonlyMap<string, number>
}

export interface WorkerDeps extends Omit<BatchDeps, 'committer'> {
  /** This worker's id, which its leases name. */
  owner: string
}

export function startWorker(
  deps: WorkerDeps,
  crew: Crew,
  options: WorkerOptions = workerDefaults,
): Worker {
  return new ReactingWorker(deps, crew, options)
}

/** Batches under way at once of an agent that may wait for the outside; they take nobody's place. */
const callerBatchesMax = 2

class ReactingWorker implements Worker {
  readonly counts = { committed: 0, stale: 0, lost: 0, failed: 0 }
  readonly tallies = { ms: 0, agentMs: 0, met: 0, missed: 0 }
  readonly #deps: WorkerDeps
  readonly #batch: BatchDeps
  readonly #crew: Crew
  readonly #options: WorkerOptions
  readonly #alarm = new Alarm()
  readonly #stop = new AbortController()
  readonly #running = new Map<Promise<void>, ClaimedBatch>()
  readonly #waiting = new Set<() => void>()
  readonly #helpers: AsyncDisposable[]
  readonly #deafen: () => void
  readonly #looping: Promise<void>
  readonly #shell = new Shell()
  readonly #throttle: Throttle
  readonly #presence: Presence
  #rewoundAt = 0
  #freedAt = Number.NEGATIVE_INFINITY

  constructor(deps: WorkerDeps, crew: Crew, options: WorkerOptions) {
    this.#deps = deps
    this.#batch = { ...deps, committer: new Committer(deps) }
    this.#crew = crew
    this.#options = options
    this.#presence = new Presence(deps.board, deps.owner)
    const { batchItemsMax, batchesMax, batchMsMax } = options
    const windowMax = batchItemsMax * batchesMax
    this.#throttle = new Throttle({ windowMax, batchItemsMax, batchMsMax })
    const { log, signals } = deps.board
    this.#deafen = signals.on('agenda', this.#alarm.rouse)
    this.#helpers = [
      repeat('beat', options.beatMs, log, () => this.#beat()),
      repeat('presence', options.beatMs, log, () => this.#presence.keep().then(() => 0)),
      repeat('sweep', options.sweepMs, log, () => this.#sweep()),
    ]
    this.#looping = this.#loop()
  }

  windows(): ReadonlyMap<string, number> {
    const agents = this.#crew.all()
    return new Map(agents.map((agent) => [agent.name, this.#throttle.windowOf(nameOf(agent))]))
  }

  idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    this.#alarm.rouse()
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { board, owner } = this.#deps
    this.#stop.abort()
    this.#deafen()
    this.#alarm.rouse()
    await this.#looping
    await Promise.all(this.#running.keys())
    await Promise.all(this.#helpers.map((helper) => helper[Symbol.asyncDispose]()))
    this.#presence[Symbol.dispose]()
    for (const resolve of this.#waiting) resolve()
    await sweepWorkers(board.db.sql, { owner, leaving: owner }).catch((thrown: unknown) => {
      board.log.warn(trouble(thrown), 'the lease could not be returned and runs out by itself')
    })
  }

  async #loop(): Promise<void> {
    const { log } = this.#deps.board
    // Before the first claim: what a worker unknown to the others claims looks abandoned.
    await this.#beat().catch((thrown: unknown) =>
      log.warn(trouble(thrown), 'the first beat failed'),
    )
    while (!this.#stop.signal.aborted) {
      const found = await this.#look()
      if (found === 'nothing' || !this.#hasRoom()) {
        await this.#alarm.rest(this.#options.pollMs * (0.75 + Math.random() / 2))
      }
    }
  }

  /** One claim, and word to those who wait for the agenda to be empty. */
  async #look(): Promise<'something' | 'nothing'> {
    const asking = [...this.#waiting]
    const wasAtHead = this.#shell.isAtHead()
    const wasRunning = this.#running.size
    try {
      if ((await this.#claim()) > 0) return 'something'
    } catch (thrown) {
      this.#freedAt = Number.NEGATIVE_INFINITY
      this.#deps.board.log.warn(trouble(thrown), 'claiming reactions failed')
      return 'nothing'
    }
    // From beyond the head nothing may be left where much was given back before it.
    if (!wasAtHead) {
      this.#shell.rewind()
      return 'something'
    }
    for (const resolve of wasRunning === 0 ? asking : []) {
      this.#waiting.delete(resolve)
      resolve()
    }
    return 'nothing'
  }

  async #claim(): Promise<number> {
    await this.#gatherStrays()
    const { board, owner } = this.#deps
    const { batchItemsMax, agentsMax: places, ageingMs } = this.#options
    const agents = this.#crew.all().filter((agent) => this.#hasPlace(agent))
    const seats = this.#shell.seats(
      agents,
      (name) => this.#throttle.room(name),
      this.#crew.weightOf,
    )
    if (seats.length === 0) return 0
    const now = board.clock.now()
    if (now.getTime() - this.#rewoundAt > rewindMs) {
      this.#shell.rewind()
      this.#rewoundAt = now.getTime()
    }
    const items = Math.max(this.#free(), batchItemsMax)
    const bounds = { places, items, ageingMs, now: now.toISOString(), owner }
    const rows = await claimReactions(board.db.sql, { seats, ...bounds })
    this.#shell.served(seats, rows, { items, now: now.getTime() })
    this.#tallyDeadlines(rows, now.getTime())
    const { groups, strangers } = byAgent(this.#crew, rows)
    await Promise.all(strangers.map((row) => returnRow(this.#deps, row)))
    const batches = inBatches(groups, batchItemsMax)
    for (const ofOne of Map.groupBy(batches, ({ agent }) => agent.workspaceId).values()) {
      for (const load of inLoads(ofOne, batchItemsMax)) this.#launch(load)
    }
    return rows.length
  }

  #tallyDeadlines(rows: readonly ClaimedRow[], now: number): void {
    for (const { deadline } of rows) {
      if (deadline === 'infinity') continue
      if (Date.parse(deadline) < now) this.tallies.missed += 1
      else this.tallies.met += 1
    }
  }

  /**
   * How many more reactions may begin. Who waits for the outside computes little, and must not keep those from working
   * who compute.
   */
  #free(): number {
    const { batchesMax, batchItemsMax } = this.#options
    const computing = [...this.#running.values()].filter(({ agent }) => !mayCall(agent))
    return computing.reduce(
      (free, { claimed }) => free - claimed.length,
      batchesMax * batchItemsMax,
    )
  }

  /** For a whole batch: what comes in smaller portions costs as many claims and transactions. */
  #hasRoom(): boolean {
    return this.#free() >= this.#options.batchItemsMax
  }

  #hasPlace(agent: RunnableAgent): boolean {
    if (!mayCall(agent)) return this.#hasRoom()
    const own = [...this.#running.values()].filter((each) => nameOf(each.agent) === nameOf(agent))
    return own.length < callerBatchesMax
  }

  /** @param batches of one workspace, which are loaded together */
  #launch(batches: readonly ClaimedBatch[]): void {
    const loading = loadBatches(this.#batch, batches)
    for (const [at, batch] of batches.entries()) {
      const loaded = loading.then((all) => all[at])
      const done = this.#run(batch, loaded).finally(() => {
        this.#running.delete(done)
        this.#alarm.rouse()
      })
      this.#running.set(done, batch)
    }
  }

  async #run(batch: ClaimedBatch, loaded: Promise<Loaded | undefined>): Promise<void> {
    const { agent, claimed } = batch
    const name = nameOf(agent)
    const startedAt = performance.now()
    this.#throttle.began(name, claimed.length)
    const { failed, agentMs } = await this.#react(batch, loaded)
    this.tallies.ms += performance.now() - startedAt
    this.tallies.agentMs += agentMs
    // Waiting for the outside costs nobody anything, and waiting for a transaction is not the agent's doing.
    const ms = mayCall(agent) ? 0 : agentMs
    this.#throttle.ended(name, { items: claimed.length, failed, ms })
  }

  /** Tells how many the agent failed; never rejects. */
  async #react(
    batch: ClaimedBatch,
    loading: Promise<Loaded | undefined>,
  ): Promise<{ failed: number; agentMs: number }> {
    const { counts } = this
    const { agent, claimed } = batch
    const { log } = this.#deps.board
    try {
      const loaded = await loading
      if (!loaded) throw new TypeError('a batch was claimed and not loaded')
      const { committed, stale, lost, ...went } = await runBatch(this.#batch, loaded)
      counts.committed += committed
      counts.stale += stale
      counts.lost += lost
      return went
    } catch (thrown) {
      counts.failed += claimed.length
      log.warn({ agent: agent.name, ...trouble(thrown) }, 'a batch of reactions failed')
      await giveBack(this.#batch, batch, thrown).catch((again: unknown) => {
        this.#freedAt = Number.NEGATIVE_INFINITY
        log.error({ agent: agent.name, ...trouble(again) }, 'reactions could not be given back')
      })
      // The database's doing, mostly; there is nothing in it about the agent.
      return { failed: 0, agentMs: 0 }
    }
  }

  async #beat(): Promise<number> {
    const { board, owner } = this.#deps
    await beatWorker(board.db.sql, { id: owner, leaseMs: this.#options.leaseMs })
    return 0
  }

  async #sweep(): Promise<number> {
    const { owner, board } = this.#deps
    const { db, clock, signals } = board
    const armed = await armReactions(db.sql, { now: clock.now().toISOString(), limit: armMax })
    const swept = await sweepWorkers(db.sql, { owner, leaving: '' })
    if (armed.length > 0 || swept.length > 0) this.#alarm.rouse()
    if (swept.length > 0) signals.send('approved')
    for (const { reactions, dispatches, followUps, lateMs } of swept) {
      if (reactions + dispatches + followUps === 0) continue
      // Its lease was as long as ours.
      const seconds = (lateMs + this.#options.leaseMs) / 1000
      signals.count({ what: 'recovery', seconds })
    }
    return 0
  }

  /** Reactions that are claimed and run nowhere, as far as the database can tell. */
  async #gatherStrays(): Promise<void> {
    const { board, owner } = this.#deps
    const now = performance.now()
    if (now - this.#freedAt < straysMs) return
    const held = [...this.#running.values()]
      .flatMap(({ claimed }) => claimed)
      .map(({ workspaceId, profileId, agent, epoch }) => ({ workspaceId, profileId, agent, epoch }))
    const strays = await freeStrays(board.db.sql, { owner, held: JSON.stringify(held) })
    if (strays.length > 0) this.#shell.rewind()
    this.#freedAt = now
  }
}

const mayCall = ({ network }: RunnableAgent): boolean => network.length > 0

const returnRow = (
  { board, owner }: WorkerDeps,
  { workspaceId, agent, profileId, epoch }: ClaimedRow,
): Promise<unknown> =>
  releaseReactions(board.db.sql, {
    workspaceId,
    owner,
    ids: [profileId],
    items: JSON.stringify([
      { profileId, agent, epoch, dueAt: null, parked: null, error: null, free: true },
    ]),
  })
