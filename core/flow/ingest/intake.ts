import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { readConsent, speaksOfConsent } from '../../consent/readConsent.ts'
import { fail } from '../../errors.ts'
import type { IncomingEvent, ItemResult } from '../../model/event.ts'
import type { Trace } from '../../model/trace.ts'
import type { DefinitionCache } from '../definitions.ts'
import { arrive, type Arrival } from './arrival.ts'
import { checkSignatures } from './checkSignatures.ts'
import { createPhrasebooks, type Phrasebooks } from './phrasebook.ts'
import { settle, type Fates } from './settle.ts'
import { Keyring } from './keyring.ts'
import { store, type Stored } from './store.ts'
import { applyTerms } from './terms.ts'

/** Events a commit takes at most. 1,000 keep one statement below 2 MB and its locks below 50 ms. */
const commitEventsMax = 1000
/** Events that may wait in memory before requests are turned away; about 20 MB. */
const waitingEventsMax = 20_000

export interface Intake {
  /**
   * Stores events of one source and answers after the commit, in order. Requests that come while a commit
   * is under way share the next one.
   *
   * @param trace what the events, and all that they lead to, are part of
   */
  submit(
    source: { id: string; workspaceId: number },
    events: readonly IncomingEvent[],
    trace?: Trace,
  ): Promise<ItemResult[]>
  /** Resolves when nothing waits. */
  drain(): Promise<void>
}

interface Request {
  arrivals: Arrival[]
  resolve(results: ItemResult[]): void
  reject(error: unknown): void
}

interface Lane {
  waiting: Request[]
  events: number
  running: Promise<void> | undefined
}

/** What is signed is checked before it is queued, so that one forged receipt fails alone. */
export function createIntake(board: Board, definitions: DefinitionCache): Intake {
  const phrasebooks = createPhrasebooks(board)
  const queue = createQueue(board, definitions, phrasebooks)
  return {
    async submit(source, given, trace) {
      if (!given.some(({ receipt }) => receipt)) return queue.submit(source, given, trace)
      const { keysOf } = await phrasebooks.of(source.workspaceId)
      const { events, weave } = checkSignatures(given, keysOf(source.id))
      return weave(events.length > 0 ? await queue.submit(source, events, trace) : [])
    },
    drain: () => queue.drain(),
  }
}

function createQueue(board: Board, definitions: DefinitionCache, phrasebooks: Phrasebooks): Intake {
  const keyring = new Keyring(board.vault)
  board.signals.on('erased', () => keyring.forget())
  const lanes = new Map<number, Lane>()
  const storeAll = async (workspaceId: number, arrivals: readonly Arrival[]): Promise<Stored> => {
    await definitions.learn(
      workspaceId,
      arrivals.map(({ sourceId, event }) => ({ sourceId, traits: event.traits })),
    )
    const known = await definitions.of(workspaceId)
    for (const arrival of arrivals) {
      if (arrival.reading || !speaksOfConsent(arrival.event)) continue
      const { purposes, mappingOf } = await phrasebooks.of(workspaceId)
      const said = await readConsent(arrival.event, mappingOf(arrival.sourceId))
      arrival.reading = applyTerms(said, purposes, board.clock.now())
    }
    const destination = { board, keyring, workspaceId, definitions: known }
    return transact(board.db, (tx) => store(tx, destination, arrivals))
  }
  const commit = async (workspaceId: number, requests: readonly Request[]): Promise<void> => {
    const arrivals = requests.flatMap((request) => request.arrivals)
    const fates = await settle(arrivals, (part) => storeAll(workspaceId, part))
    for (const request of requests) answer(request, fates)
    const byStatus = Map.groupBy(arrivals, (each) => fates.of.get(each)?.status ?? 'duplicate')
    for (const [status, { length: count }] of byStatus) {
      board.signals.count({ what: 'event', status, count })
    }
    countRefusals(board, fates)
    for (const reason of fates.recalled) {
      board.signals.count({ what: 'activation', state: 'recalled', reason })
    }
    board.signals.send('agenda')
    if (fates.followed > 0 || arrivals.some(({ reading }) => reading)) {
      board.signals.send('audit')
      board.signals.send('followUp')
    }
    board.signals.profileChanged(workspaceId, [...fates.subjects])
  }
  const run = async (workspaceId: number, lane: Lane): Promise<void> => {
    while (lane.waiting.length > 0) {
      const requests = take(lane)
      await commit(workspaceId, requests)
    }
    lane.running = undefined
  }
  return {
    async submit({ id, workspaceId }, events, trace) {
      const lane = lanes.get(workspaceId) ?? { waiting: [], events: 0, running: undefined }
      lanes.set(workspaceId, lane)
      if (lane.events + events.length > waitingEventsMax) {
        throw fail('overloaded', { limit: waitingEventsMax })
      }
      const arrivals = events.map((event) => ({
        ...arrive(board.vault, workspaceId, id, board.clock.id(), event),
        trace,
      }))
      lane.events += arrivals.length
      return new Promise((resolve, reject) => {
        lane.waiting.push({ arrivals, resolve, reject })
        lane.running ??= run(workspaceId, lane)
      })
    },
    async drain() {
      await Promise.all([...lanes.values()].flatMap(({ running }) => (running ? [running] : [])))
    },
  }
}

/** Whole requests up to the size of a commit; a larger request is a commit of its own. */
function take(lane: Lane): Request[] {
  const requests: Request[] = []
  let events = 0
  while (lane.waiting.length > 0) {
    const size = lane.waiting[0]?.arrivals.length ?? 0
    if (requests.length > 0 && events + size > commitEventsMax) break
    events += size
    const next = lane.waiting.shift()
    if (next) requests.push(next)
  }
  lane.events -= events
  return requests
}

function countRefusals({ signals }: Board, { of }: Fates): void {
  for (const fate of of.values()) {
    if (fate.status !== 'accepted') continue
    for (const warning of fate.warnings ?? []) {
      const { code } = warning
      if ('trait' in warning)
        signals.count({ what: 'refusal', trait: warning.trait, code, count: 1 })
      // A client's own ids are no labels for a metric.
      else signals.count({ what: 'consent', code })
    }
  }
}

function answer({ arrivals, resolve, reject }: Request, { of }: Fates): void {
  const results: ItemResult[] = []
  for (const arrival of arrivals) {
    const fate = of.get(arrival)
    const { messageId } = arrival.event
    if (fate?.status === 'failed') return reject(fate.error)
    if (fate?.status === 'refused') {
      results.push({ status: 'rejected', messageId, ...fate.error.body() })
    } else if (fate?.status === 'erased') {
      results.push({ status: 'rejected', messageId, ...fail('subject_erased').body() })
    } else if (fate?.status === 'accepted') {
      const { warnings } = fate
      results.push({ status: 'accepted', messageId, ...(warnings ? { warnings } : {}) })
    } else results.push({ status: 'duplicate', messageId })
  }
  resolve(results)
}
