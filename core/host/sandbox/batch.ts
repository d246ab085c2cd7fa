import { answerCharsMax, guestLimits, type Confined, type End, type Progress } from './confined.ts'
import type { Inbox } from './inbox.ts'

const { callChars, callsPerItem, waitingMax } = guestLimits

export interface CellBatch {
  agent: string
  /** JSON array of inputs; never parsed outside the isolate. */
  body: string
  count: number
  /** What one item may compute. */
  timeoutMs: number
  /** How long one item may wait for the host in all. */
  waitMs: number
}

/** Results of some consecutive items; `json` is what the guest said, or what happened to it. */
export interface Part {
  count: number
  json: string
}

/** A call of an item to the host. */
export interface Call {
  number: number
  item: number
  name: string
  body: string
}

/** Where a batch talks to the host. */
export interface Port {
  onPart(part: Part): void
  onCall(call: Call): void
  inbox: Inbox
}

/** A run of several items gets at least this long before it is cut up: fewer, longer runs are cheaper. */
const runMs = 250
/** Items of one batch that may hang or exhaust memory before the rest is given back untouched. */
const strikesMax = 3
/** Characters of one item's line that the guest's limits allow. */
const lineCharsMax = 196_608
/** Characters after which results are sent on. */
const partCharsMax = 131_072

/** How long an item may wait for the host in all, where the batch does not say. */
export const waitMsDefault = 30_000

/** The longest that the cell keeps silent while a batch runs. */
export const silenceMs = (timeoutMs: number): number => Math.max(timeoutMs, runMs)

/** The longest that a batch may take with all its waiting, as far as the host is concerned. */
export const patienceMs = (count: number, waitMs: number): number =>
  Math.ceil(count / waitingMax) * waitMs

/**
 * Runs a batch as few runs of many items. A run that is cut short hands over what it finished; the item
 * it stopped at is then run alone, and only if that fails too is it blamed. So one bad item costs the
 * others nothing but time. Items that called the host wait for it together, and while they wait no clock of
 * theirs runs but the one of waiting.
 */
export const runBatch = (plugin: Confined, batch: CellBatch, port: Port): Promise<void> =>
  new BatchRun(plugin, batch, port).run()

interface Result {
  outcome: string
  logs: string
}

interface SentCall {
  item: number
  /** As the guest counts it. */
  number: number
  /** The isolate that made it; another one counts anew. */
  isolate: number
}

class BatchRun {
  readonly #plugin: Confined
  readonly #batch: CellBatch
  readonly #port: Port
  readonly #results: (Result | undefined)[] = []
  readonly #calls = new Map<number, SentCall>()
  /** When the item made its first call. */
  readonly #since = new Map<number, number>()
  /** What the item computed after its first wait. */
  readonly #usedMs = new Map<number, number>()
  #number = 0
  #isolate = 0
  #emitted = 0
  #next = 0
  #strikes = 0
  #alone = false
  // What is under way when memory runs out is lost with the isolate, so from then on items go one by one.
  #frail = false
  #isFresh = true
  /** The guest has more to say than its last answer could hold. */
  #left = false

  constructor(plugin: Confined, batch: CellBatch, port: Port) {
    this.#plugin = plugin
    this.#batch = batch
    this.#port = port
  }

  async run(): Promise<void> {
    const { count } = this.#batch
    while (this.#emitted < count) {
      if (this.#strikes >= strikesMax) this.#giveBackRest()
      while (this.#results[this.#next] !== undefined) this.#next += 1
      const waiting = this.#waiting()
      const answer = this.#port.inbox.take()
      if (answer) await this.#settle(answer)
      else if (this.#next < count && waiting.length < (this.#frail ? 1 : waitingMax)) {
        await this.#go()
      } else if (waiting.length > 0) await this.#rest(waiting)
      this.#emit()
    }
  }

  /** Items that were begun and have no result. */
  #waiting(): number[] {
    const items: number[] = []
    for (let item = this.#emitted; item < this.#next; item += 1) {
      if (this.#results[item] === undefined) items.push(item)
    }
    return items
  }

  async #go(): Promise<void> {
    const { agent, body, count, timeoutMs } = this.#batch
    const from = this.#next
    const to = this.#alone || this.#frail ? from + 1 : count
    const text = this.#isFresh ? body : ''
    this.#isFresh = false
    const run = await this.#plugin.run(agent, text, from, to, runLimit(timeoutMs, to - from))
    const isSingle = to - from === 1
    this.#alone = run.end !== 'answered' && !isSingle
    if (run.end !== 'answered') this.#isFresh = true
    if (isLost(run.end)) return this.#lose(isSingle ? from : undefined, run)
    const { next, heard } = this.#hear(run, from, to)
    this.#next = next
    if (run.end === 'timeout') {
      if (isSingle && this.#results[from] === undefined && next === from) this.#blame(from, run)
    } else if (next === from && heard === 0) {
      // It answered without having come any further, with which this loop would never end.
      this.#strikes += 1
      this.#results[from] = bent
    }
    await this.#passCalls()
  }

  async #settle({ number, isAnswer, body }: { number: number; isAnswer: boolean; body: string }) {
    const call = this.#calls.get(number)
    this.#calls.delete(number)
    if (!call || call.isolate !== this.#isolate || this.#results[call.item]) return
    const used = this.#usedMs.get(call.item) ?? 0
    const limit = Math.max(1, Math.ceil(this.#batch.timeoutMs - used))
    const run = await this.#plugin.settle(call, isAnswer, body, limit)
    this.#usedMs.set(call.item, used + run.cpuMs)
    if (isLost(run.end)) return this.#lose(call.item, run)
    this.#hear(run, this.#next, this.#next)
    if (run.end === 'timeout' && !this.#results[call.item]) this.#blame(call.item, run)
    await this.#passCalls()
  }

  /** Waits for the host, and gives up the items that have waited for too long. */
  async #rest(waiting: readonly number[]): Promise<void> {
    const now = performance.now()
    const ends = waiting.map((item) => ({
      item,
      at: (this.#since.get(item) ?? now) + this.#batch.waitMs,
    }))
    const late = ends.filter(({ at }) => at <= now)
    for (const { item } of late) {
      await this.#plugin.abandon(item).catch(() => this.#plugin.close())
      this.#results[item] = stopped('plugin_timeout')
    }
    if (late.length > 0) return
    if (this.#calls.size === 0) {
      // Nothing is asked for them: the guest's own books are bent.
      for (const item of waiting) this.#results[item] = bent
      return
    }
    await this.#port.inbox.rest(Math.min(...ends.map(({ at }) => at)) - now)
  }

  /** The isolate is gone with everything under way in it; what nobody is blamed for runs again. */
  #lose(guilty: number | undefined, run: Progress): void {
    this.#isolate += 1
    this.#isFresh = true
    this.#calls.clear()
    this.#since.clear()
    this.#frail ||= run.end === 'memory'
    if (guilty !== undefined) this.#blame(guilty, run)
    else if (run.end === 'hung') this.#strikes += 1
    this.#next = this.#emitted
  }

  #blame(item: number, { end }: Progress): void {
    this.#strikes += 1
    this.#results[item] = stopped(end === 'memory' ? 'plugin_out_of_memory' : 'plugin_timeout')
  }

  #giveBackRest(): void {
    for (let item = this.#next; item < this.#batch.count; item += 1) {
      this.#results[item] ??= stopped('plugin_not_run')
    }
    this.#next = this.#batch.count
  }

  /** Takes down what the guest says; the plugin may have bent it, and then its items are the ones to pay. */
  #hear({ answer }: Progress, from: number, to: number): { next: number; heard: number } {
    const [head = '', ...lines] = answer.length > answerCharsMax ? [] : answer.split('\n')
    const [next, stuck, left] = head.split(':').map(Number)
    let heard = 0
    for (const line of lines) {
      const [item = '', outcome = '', logs = ''] = line.split('\t')
      const at = Number(item)
      const isPlausible = Number.isInteger(at) && at >= 0 && at < Math.max(to, this.#next)
      if (!isPlausible || item === '' || this.#results[at] || outcome === '') continue
      this.#results[at] = line.length > lineCharsMax ? bent : { outcome, logs }
      heard += 1
    }
    if (stuck !== undefined && stuck > 0) this.#strikes += 1
    this.#left = left !== undefined && left > 0 && heard > 0
    const isWhole = next !== undefined && Number.isInteger(next) && next >= from && next <= to
    return { next: isWhole ? next : from, heard }
  }

  /** Sends on the calls that items made, and takes down what the last answer could not hold. */
  async #passCalls(): Promise<void> {
    while (this.#left) this.#hear(await this.#plugin.collect(), this.#next, this.#next)
    const waiting = new Set(this.#waiting())
    for (let left = waiting.size * callsPerItem; left > 0; left -= 1) {
      const text = await this.#plugin.nextCall().catch(() => '')
      if (text === '') return
      const call = readCall(text)
      if (call && waiting.has(call.item)) this.#pass(call)
    }
  }

  #pass({ number, item, name, body }: Call): void {
    this.#number += 1
    this.#calls.set(this.#number, { item, number, isolate: this.#isolate })
    if (!this.#since.has(item)) this.#since.set(item, performance.now())
    this.#port.onCall({ number: this.#number, item, name, body })
  }

  /** Sends on the results of the items that come next. */
  #emit(): void {
    while (this.#emitted < this.#batch.count) {
      const outcomes: string[] = []
      const logs: string[] = []
      let chars = 0
      for (; chars < partCharsMax; this.#emitted += 1) {
        const result = this.#results[this.#emitted]
        if (result === undefined) break
        outcomes.push(result.outcome)
        if (result.logs !== '') logs.push(result.logs)
        chars += result.outcome.length + result.logs.length
        // That it is there is all that is still asked of it.
        this.#results[this.#emitted] = sent
      }
      if (outcomes.length === 0) return
      const json = `{"outcomes":[${outcomes.join(',')}],"logs":[${logs.join(',')}]}`
      this.#port.onPart({ count: outcomes.length, json })
    }
  }
}

const isLost = (end: End): boolean => end !== 'answered' && end !== 'timeout'

const runLimit = (timeoutMs: number, items: number): number =>
  items === 1 ? timeoutMs : Math.min(silenceMs(timeoutMs), timeoutMs * items)

const sent: Result = { outcome: '', logs: '' }
const bent: Result = {
  outcome: '{"unusable":"the plugin bent the sandbox around it"}',
  logs: '',
}

const stopped = (code: string): Result => ({ outcome: `{"stopped":"${code}"}`, logs: '' })

/** `<number>:<item>:<name>:<JSON>`, as the guest writes it. */
function readCall(text: string): Call | undefined {
  const head = /^(\d{1,9}):(\d{1,4}):([a-z]{1,20}):/.exec(text.slice(0, 64))
  if (head === null || text.length > callChars + 64) return undefined
  const [whole, number, item, name = ''] = head
  return { number: Number(number), item: Number(item), name, body: text.slice(whole.length) }
}
