/**
 * Passes follow-ups on to their destinations: at least once, under the follow-up's id as idempotency key, with
 * back-off and the circuit breaker of activations. They need nobody's consent, since the law asks for them,
 * and go out for persons who were erased as well.
 */
import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { claimFollowUps, type FollowUpRow } from '../../../blackboard/query/claimFollowUps.ts'
import { listDueFollowUps } from '../../../blackboard/query/listDueFollowUps.ts'
import { moveFollowUps } from '../../../blackboard/query/moveFollowUps.ts'
import { readCircuits } from '../../../blackboard/query/readCircuits.ts'
import { returnFollowUps } from '../../../blackboard/query/returnFollowUps.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { gather } from '../../gather.ts'
import { trouble } from '../../trouble.ts'
import type { Channels, Delivery } from '../channel/channel.ts'
import { createFlights, type Flights } from '../channel/flights.ts'
import { createGuard } from '../channel/circuit.ts'
import { recordFollowed, type Followed } from './record.ts'

export interface FollowDeps {
  board: Board
  channels: Channels
  /** This worker's id. */
  owner: string
  leaseMs: number
}

export interface Follower {
  /** Starts to pass on what is due. Returns how many it did something about; 0 when none is due. */
  run(): Promise<number>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
  readonly flights: Flights
}

/** Follow-ups taken on in one transaction, and recorded in one. */
const batchMax = 100

interface Due {
  workspaceId: number
  profileId: string
  id: string
  circuit: string
}

interface Claim {
  rows: FollowUpRow[]
  /** How many were put off because their destination is left alone. */
  waiting: number
}

/** A worker has one follower. */
export function createFollower(deps: FollowDeps, flights: Flights = createFlights()): Follower {
  return new Following(deps, flights)
}

class Following implements Follower {
  readonly flights: Flights
  readonly #deps: FollowDeps
  readonly #underWay = new Set<string>()
  // What this worker could not record the last time, or began before it was started again.
  #isAstray = true
  readonly #record: (followed: Followed) => Promise<void>

  constructor(deps: FollowDeps, flights: Flights) {
    this.#deps = deps
    this.flights = flights
    this.#record = gather<Followed, void>((all) => recordFollowed(deps.board, deps.owner, all), {
      underWayMax: 1,
      batchMax,
    })
  }

  settled(): Promise<void> {
    return this.flights.settled()
  }

  async run(): Promise<number> {
    const { board, owner } = this.#deps
    if (this.#isAstray) {
      await returnFollowUps(board.db.sql, { owner, kept: [...this.#underWay] })
      this.#isAstray = false
    }
    const limit = Math.min(batchMax, this.flights.room())
    if (limit === 0) return 0
    const rows = await listDueFollowUps(board.db.sql, {
      now: board.clock.now().toISOString(),
      limit,
      passed: this.flights.passed(),
    })
    const seated = rows.flatMap((row): Due[] => this.#seat(row))
    let count = rows.length - seated.length
    for (const [workspaceId, due] of Map.groupBy(seated, (each) => each.workspaceId)) {
      count += await this.#begin(workspaceId, due)
    }
    return count
  }

  #seat({ channel, destination, place, ...key }: Awaited<ReturnType<typeof listDueFollowUps>>[0]) {
    const circuit = this.#deps.channels.find(channel)?.circuitOf(destination) ?? channel
    if (this.flights.reserve(circuit)) return [{ ...key, circuit }]
    this.flights.pass(place, circuit)
    return []
  }

  async #begin(workspaceId: number, due: readonly Due[]): Promise<number> {
    const seats = new Map(due.map(({ id, circuit }) => [id, circuit]))
    try {
      const { rows, waiting } = await this.#claim(workspaceId, due)
      for (const row of rows) {
        const circuit = seats.get(row.id) ?? row.channel
        seats.delete(row.id)
        this.#underWay.add(row.id)
        this.flights.launch(circuit, () => this.#pass(workspaceId, circuit, row))
      }
      return rows.length + waiting
    } catch (thrown) {
      this.#isAstray = true
      throw thrown
    } finally {
      for (const circuit of seats.values()) this.flights.release(circuit)
    }
  }

  /** Takes on what may go now; what its circuit keeps back is put off. */
  #claim(workspaceId: number, due: readonly Due[]): Promise<Claim> {
    const { board, owner, leaseMs } = this.#deps
    return transact(board.db, async (tx) => {
      const now = board.clock.now()
      const at = now.toISOString()
      const [circuits] = await Promise.all([
        readCircuits(tx, { workspaceId }),
        beatWorker(tx, { id: owner, leaseMs }),
      ])
      const waitOf = createGuard(circuits, now)
      const sorted = due.map((each) => ({ ...each, dueAt: waitOf(each.circuit) }))
      const free = sorted.filter(({ dueAt }) => dueAt === undefined)
      const waiting = sorted.filter(({ dueAt }) => dueAt !== undefined)
      const [rows] = await Promise.all([
        claimFollowUps(tx, { workspaceId, owner, at, ...keysOf(free) }),
        moveFollowUps(tx, {
          workspaceId,
          holder: null,
          at,
          profileIds: keysOf(waiting).profileIds,
          moves: JSON.stringify(waiting.map((each) => ({ ...each, state: 'pending' }))),
        }),
      ])
      return { rows, waiting: waiting.length }
    })
  }

  async #pass(workspaceId: number, circuit: string, row: FollowUpRow): Promise<void> {
    const { log } = this.#deps.board
    try {
      const delivery = await this.#deliver(workspaceId, row)
      await this.#record({ workspaceId, circuit, row, delivery })
    } catch (thrown) {
      this.#isAstray = true
      log.warn({ followUp: row.id, ...trouble(thrown) }, 'a follow-up could not be recorded')
    } finally {
      this.#underWay.delete(row.id)
    }
  }

  async #deliver(
    workspaceId: number,
    { askedAt, ...row }: FollowUpRow,
  ): Promise<Delivery | undefined> {
    const channel = this.#deps.channels.find(row.channel)
    if (!channel?.follow) return undefined
    try {
      return await channel.follow({ ...row, workspaceId, at: askedAt })
    } catch (thrown) {
      this.#deps.board.log.error(
        { followUp: row.id, ...trouble(thrown) },
        'a channel failed to tell',
      )
      return { result: 'retry', reason: 'internal' }
    }
  }
}

const keysOf = (due: readonly Due[]) => ({
  profileIds: [...new Set(due.map(({ profileId }) => profileId))],
  ids: due.map(({ id }) => id),
})
