import type ivm from 'isolated-vm'
import type { Guest, GuestLimits } from './guest.ts'
import { guestSource } from './guest.ts'

type Native = typeof ivm

export const memoryMb = 16
const loadTimeoutMs = 1000

/** Host calls of one item, and items that may wait for theirs at once. */
export const callsPerItem = 8
export const waitingMax = 16
/** Characters of one host call: in UTF-8 it stays below what the host accepts in one frame. */
export const callCharsMax = 262_144

/** Sizes keep the largest answer, in UTF-8, below the 1 MB that the host accepts in one frame. */
const limits: GuestLimits = {
  outcomeChars: 65_536,
  answerChars: 196_608,
  logsPerItem: 20,
  logChars: 500,
  callsPerItem,
  callChars: callCharsMax,
  waitingMax,
}

/** How it went: to its end, cut by the clock, or at the price of the isolate. */
export type End = 'answered' | 'timeout' | 'memory' | 'hung'

export interface Progress {
  end: End
  /** What the guest says came of the batch; empty when the isolate is gone. */
  answer: string
  /** Time that the isolate computed. */
  cpuMs: number
}

interface Entry {
  isolate: ivm.Isolate
  start: ivm.Reference<Guest['start']>
  collect: ivm.Reference<Guest['collect']>
  nextCall: ivm.Reference<Guest['nextCall']>
  settle: ivm.Reference<Guest['settle']>
  abandon: ivm.Reference<Guest['abandon']>
}

/** One plugin in its isolate. The isolate is replaced after it ran out of memory. */
export class PluginIsolate {
  readonly #native: Native
  readonly #bundle: string
  #entry: Entry | undefined

  constructor(native: Native, bundle: string) {
    this.#native = native
    this.#bundle = bundle
  }

  /** Answers the ids of the agents that have a handler; rejects with what the plugin threw. */
  async open(): Promise<string> {
    const isolate = new this.#native.Isolate({
      memoryLimit: memoryMb,
      // V8 could not unwind: nothing in this process can be relied on any more.
      onCatastrophicError: () => process.exit(70),
    })
    const context = await isolate.createContext()
    const inside = await context.eval(`${guestSource}(${JSON.stringify(limits)})`, {
      reference: true,
    })
    const script = await isolate.compileScript(this.#bundle, { filename: 'plugin.js' })
    await script.run(context, { timeout: loadTimeoutMs })
    const adopt = await inside.get('adopt', { reference: true })
    const exported = await context.evalClosure(
      'return $0(typeof slateboardPlugin === "object" && slateboardPlugin ? slateboardPlugin.default : undefined)',
      [adopt.derefInto()],
      { timeout: loadTimeoutMs, result: { copy: true } },
    )
    this.#entry = {
      isolate,
      start: await inside.get('start', { reference: true }),
      collect: await inside.get('collect', { reference: true }),
      nextCall: await inside.get('nextCall', { reference: true }),
      settle: await inside.get('settle', { reference: true }),
      abandon: await inside.get('abandon', { reference: true }),
    }
    return String(exported).slice(0, 65_536)
  }

  /** Runs items of a batch; an isolate that was lost is made anew. */
  async run(
    agent: string,
    batch: string,
    from: number,
    to: number,
    timeout: number,
  ): Promise<Progress> {
    if (this.#entry === undefined || this.#entry.isolate.isDisposed) await this.open()
    return this.#enter(
      (entry) => entry.start.apply(undefined, [agent, batch, from, to], { timeout, ...copy }),
      -1,
    )
  }

  /** Hands an item the answer to its call and lets it go on. */
  settle(
    call: { item: number; number: number },
    isAnswer: boolean,
    body: string,
    timeout: number,
  ): Promise<Progress> {
    return this.#enter(
      (entry) => entry.settle.apply(undefined, [call.number, isAnswer, body], { timeout }),
      call.item,
    )
  }

  /** What else came of the batch. */
  collect(): Promise<Progress> {
    return this.#enter(() => Promise.resolve(undefined), -1)
  }

  /** The text of the next call that an item made; empty when there is none. */
  async nextCall(): Promise<string> {
    const entry = this.#entry
    if (entry === undefined || entry.isolate.isDisposed) return ''
    const text = await entry.nextCall.apply(undefined, [], { timeout: handoverMs, ...copy })
    return typeof text === 'string' ? text : ''
  }

  /** Forgets an item that nobody waits for any more. */
  async abandon(item: number): Promise<void> {
    const entry = this.#entry
    if (entry !== undefined && !entry.isolate.isDisposed) {
      await entry.abandon.apply(undefined, [item], { timeout: handoverMs })
    }
  }

  close(): void {
    if (this.#entry !== undefined && !this.#entry.isolate.isDisposed) this.#entry.isolate.dispose()
    this.#entry = undefined
  }

  /** @param guilty the item that is given up when the clock cuts it; negative for the one that is run */
  async #enter(act: (entry: Entry) => Promise<unknown>, guilty: number): Promise<Progress> {
    const entry = this.#entry
    if (entry === undefined || entry.isolate.isDisposed) return gone('memory')
    const before = entry.isolate.cpuTime
    let end: End = 'answered'
    let answer: unknown
    try {
      answer = await act(entry)
    } catch (thrown) {
      if (entry.isolate.isDisposed) return gone('memory')
      // Whatever else the guest throws is the plugin's bending, and shows in what it hands over.
      if (String(thrown).includes('timed out')) end = 'timeout'
    }
    try {
      const cpuMs = Number(entry.isolate.cpuTime - before) / 1e6
      if (end === 'timeout') {
        await entry.abandon.apply(undefined, [guilty], { timeout: handoverMs })
      }
      answer ??= await entry.collect.apply(undefined, [], { timeout: handoverMs, ...copy })
      return { end, answer: String(answer).slice(0, answerCharsMax + 1), cpuMs }
    } catch {
      // It hangs even while handing over: only a new isolate helps.
      this.close()
      return gone('hung')
    }
  }
}

const copy = { result: { copy: true } } as const
/** What the guest's own bookkeeping may take. */
const handoverMs = 100
/** Above what `limits` lets a guest say, below what the host accepts in a frame. */
export const answerCharsMax = 458_752

const gone = (end: 'memory' | 'hung'): Progress => ({ end, answer: '', cpuMs: 0 })
