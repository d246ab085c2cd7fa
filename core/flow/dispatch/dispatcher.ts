/**
 * Takes what is approved and due, lets each dispatch begin, and sends without waiting for what was begun
 * before: a receiver that takes five seconds to answer holds back nobody but itself.
 */
import { listApproved } from '../../../blackboard/query/listApproved.ts'
import { returnDispatches } from '../../../blackboard/query/returnDispatches.ts'
import { gather } from '../../gather.ts'
import { trouble } from '../../trouble.ts'
import { createFlights, type Flights } from '../channel/flights.ts'
import { deliver, messagesOrCodes, recordDeliveries } from './deliver.ts'
import { noteSent } from './observe.ts'
import type { Begun, Landed } from './deliver.ts'
import { beginDispatches, type ApprovedKey, type DispatchDeps } from './dispatch.ts'

export interface Dispatcher {
  /** Begins what is approved and due. Returns how many activations it did something about; 0 when none is due. */
  run(): Promise<number>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
  readonly flights: Flights
}

/** Activations begun in one transaction, and recorded in one. */
export const dispatchBatchMax = 50
const recordBatchMax = 200
/** Between two commits that record: each costs as much as ten of its rows. */
const recordRestMs = 10

/** A worker has one dispatcher. */
export function createDispatcher(
  deps: DispatchDeps,
  flights: Flights = createFlights(),
): Dispatcher {
  return new Dispatching(deps, flights)
}

/** Sends what is approved and due, and resolves when that is recorded. Returns how many activations it moved. */
export async function dispatchApproved(deps: DispatchDeps): Promise<number> {
  const dispatcher = createDispatcher(deps)
  const count = await dispatcher.run()
  await dispatcher.settled()
  return count
}

class Dispatching implements Dispatcher {
  readonly flights: Flights
  readonly #deps: DispatchDeps
  readonly #underWay = new Set<string>()
  // What this worker could not record, or began before it was started again.
  #isAstray = true
  readonly #record: (landed: Landed) => Promise<void>

  constructor(deps: DispatchDeps, flights: Flights) {
    this.#deps = deps
    this.flights = flights
    this.#record = gather<Landed, void>((all) => recordDeliveries(deps.board, deps.owner, all), {
      underWayMax: 1,
      batchMax: recordBatchMax,
      restMs: recordRestMs,
    })
  }

  settled(): Promise<void> {
    return this.flights.settled()
  }

  async run(): Promise<number> {
    const { board, owner } = this.#deps
    if (this.#isAstray) {
      await returnDispatches(board.db.sql, { owner, kept: [...this.#underWay] })
      this.#isAstray = false
    }
    const limit = Math.min(dispatchBatchMax, this.flights.room())
    if (limit === 0) return 0
    const rows = await listApproved(board.db.sql, {
      now: board.clock.now().toISOString(),
      limit,
      passed: this.flights.passed(),
    })
    const seated = rows.flatMap((row) => this.#seat(row))
    let count = rows.length - seated.length
    for (const [workspaceId, due] of Map.groupBy(seated, (each) => each.workspaceId)) {
      count += await this.#begin(workspaceId, due)
    }
    return count
  }

  #seat(row: Approved): Seated[] {
    const { workspaceId, profileId, id, purpose, channel, destination, budget, place } = row
    const circuit = this.#deps.channels.find(channel)?.circuitOf(destination) ?? channel
    if (this.flights.reserve(circuit)) {
      return [{ workspaceId, profileId, id, purpose, channel, budget, circuit }]
    }
    this.flights.pass(place, circuit)
    return []
  }

  async #begin(workspaceId: number, due: readonly Seated[]): Promise<number> {
    const seats = new Map(due.map(({ id, circuit }) => [id, circuit]))
    try {
      const { begun, count } = await beginDispatches(this.#deps, workspaceId, due)
      const messages = messagesOrCodes(this.#deps.board, workspaceId, begun)
      for (const [at, each] of begun.entries()) {
        const { id, channel } = each.item.row
        const circuit = seats.get(id) ?? channel
        seats.delete(id)
        this.#underWay.add(id)
        this.flights.launch(circuit, (landed) =>
          this.#send({ workspaceId, circuit, each, messages, at, landed }),
        )
      }
      return count
    } catch (thrown) {
      this.#isAstray = true
      throw thrown
    } finally {
      for (const circuit of seats.values()) this.flights.release(circuit)
    }
  }

  async #send({ workspaceId, circuit, each, messages, at, landed }: Sending): Promise<void> {
    const { board } = this.#deps
    const { row, subject } = each.item
    try {
      const message = (await messages)[at]
      const delivery = await deliver(board, each, message)
      landed()
      if (message && delivery.result === 'sent') {
        noteSent(board, workspaceId, each.item, each.channel, message)
      }
      await this.#record({ workspaceId, circuit, row, toldAs: subject.canonical, delivery })
    } catch (thrown) {
      this.#isAstray = true
      board.log.warn({ activation: row.id, ...trouble(thrown) }, 'a delivery could not be recorded')
    } finally {
      this.#underWay.delete(row.id)
    }
  }
}

type Approved = Awaited<ReturnType<typeof listApproved>>[number]

interface Seated extends ApprovedKey {
  workspaceId: number
  circuit: string
}

interface Sending {
  workspaceId: number
  circuit: string
  each: Begun
  messages: ReturnType<typeof messagesOrCodes>
  at: number
  landed: () => void
}
