/**
 * The part of the sandbox that lives inside the isolate, beside the plugin. It is sent there as source
 * text, so it may use nothing but the language and what stands in this file. A plugin can bend the
 * built-ins that it works with; therefore all its answers count as the plugin's own words, and one
 * that makes no sense fails that plugin's items and nobody else's.
 */

import { Recorder, type GuestLimits, type Run } from './recorder.ts'

export interface Guest {
  /** Takes the plugin's default export; answers the agent ids that have a handler, as JSON. */
  adopt(exported: unknown): string
  /**
   * Runs items `from` to `to` of a JSON batch; an empty text stands for the batch of before. Answers as
   * `collect` does, or undefined while a promise is open.
   */
  start(agent: string, batch: string, from: number, to: number): string | undefined
  /**
   * What came of the batch since it was last asked, once nothing is left to do at the moment. The first line is
   * `<next item>:<never settling>:<lines left>`, each other `<item> TAB <outcome> TAB <log lines>`. JSON text
   * holds neither tabs nor line ends.
   */
  collect(): string
  /** The next host call that was made, `<number>:<item>:<name>:<JSON>`, or nothing. */
  nextCall(): string
  /** Settles a host call: `body` is the JSON of its answer, or of why it was denied. */
  settle(number: number, isAnswer: boolean, body: string): void
  /** Forgets an item and its calls; a negative one stands for the item that was being run. */
  abandon(item: number): void
  /** Resolves once all items are over or wait for the host; for tiers in which there is more to wait for. */
  settled(): Promise<void>
  /** Whether the item is over or waits for the host; with a negative one, whether any waits for it. */
  waits(item: number): boolean
}

interface OpenCall {
  run: Run
  resolve(answer: unknown): void
  reject(reason: unknown): void
}

/** The calls to the host that the items made: queued until the cell fetches them, open until they settle. */
class CallBook {
  readonly #limits: GuestLimits
  readonly #parse = JSON.parse
  readonly #open = new Map<number, OpenCall>()
  #queue: { run: Run; text: string }[] = []
  #number = 0

  constructor(limits: GuestLimits) {
    this.#limits = limits
  }

  get anyOpen(): boolean {
    return this.#open.size > 0
  }

  isOpenFor(run: Run): boolean {
    for (const call of this.#open.values()) if (call.run === run) return true
    return false
  }

  /** The promise of the host's answer. */
  make(run: Run, name: string, text: string | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { callsPerItem, callChars } = this.#limits
      if (run.over) {
        return reject(this.#denied('item_over', 'The item has ended.', 'Await each call.'))
      }
      if (run.calls >= callsPerItem) {
        const remedy = `Make at most ${callsPerItem} calls for an item.`
        return reject(this.#denied('too_many_calls', 'The item made too many calls.', remedy))
      }
      if (text === undefined || text.length > callChars) {
        const remedy = `Pass plain values and strings, at most ${callChars} characters of JSON.`
        return reject(this.#denied('call_too_large', 'The call cannot be passed on.', remedy))
      }
      run.calls += 1
      this.#number += 1
      this.#open.set(this.#number, { run, resolve, reject })
      this.#queue.push({ run, text: `${this.#number}:${run.item}:${name}:${text}` })
    })
  }

  next(): string {
    for (;;) {
      const call = this.#queue.shift()
      if (call === undefined) return ''
      if (!call.run.over) return call.text
    }
  }

  settle(number: number, isAnswer: boolean, body: string): void {
    const call = this.#open.get(number)
    this.#open.delete(number)
    if (call === undefined) return
    const said = this.#parse(body)
    if (isAnswer) call.resolve(this.#answerOf(said))
    else call.reject(this.#denied(said.code, said.message, said.remedy, said.rule, said.missing))
  }

  /** Forgets the calls of items that are over; nobody waits for them. */
  sweep(): void {
    for (const [number, { run }] of this.#open) if (run.over) this.#open.delete(number)
  }

  clear(): void {
    this.#open.clear()
    this.#queue = []
  }

  /** Of a request it can be parsed; of anything else it is what was said. */
  #answerOf(said: { status?: number; headers: object; text: string }) {
    const parse = this.#parse
    const { status, headers, text } = said
    if (status === undefined) return Object.freeze(said)
    return Object.freeze({ status, headers, text, json: (): unknown => parse(text) })
  }

  /** A `PluginCallDenied`, as the contract describes it. Made of a plain Error: nothing of the host is in here. */
  #denied(code: string, message: string, remedy: string, rule?: string, missing?: object): Error {
    const more = { name: 'PluginCallDenied', code, remedy, rule: rule ?? null }
    return Object.assign(new Error(message), more, { missing: missing ?? null })
  }
}

/**
 * Hands items to a handler, without pause as long as handlers are synchronous. An item whose promise is open
 * holds up the next one until it settles or waits for the host; those that wait for the host wait together.
 */
class Runner {
  readonly #recorder: Recorder
  readonly #calls: CallBook
  readonly #limits: GuestLimits
  #handler: unknown
  #items: unknown[] = []
  readonly #open = new Map<number, Run>()
  #current: Run | undefined
  #next = 0
  #to = 0
  /** The item `#next` has an open promise, and nobody knows yet whether it waits for the host. */
  #isPaused = false
  #onSettled: (() => void) | undefined

  constructor(recorder: Recorder, calls: CallBook, limits: GuestLimits) {
    this.#recorder = recorder
    this.#calls = calls
    this.#limits = limits
  }

  get isOpen(): boolean {
    return this.#open.size > 0
  }

  start(handler: unknown, items: unknown[] | undefined, from: number, to: number): void {
    if (from === 0) {
      for (const run of this.#open.values()) run.over = true
      this.#open.clear()
      this.#calls.clear()
      this.#recorder.clear()
    }
    this.#handler = handler
    this.#items = items ?? this.#items
    this.#isPaused = false
    this.#next = from
    this.#to = to
    this.#proceed()
  }

  collect(): string {
    let stuck = 0
    this.#calls.sweep()
    // Nothing is left to do and nobody was asked: what is still open never settles.
    if (!this.#calls.anyOpen) {
      for (const run of this.#open.values()) {
        this.#recorder.record(run, '{"stopped":"plugin_timeout"}')
        stuck += 1
      }
      this.#open.clear()
    }
    // It waits for the call of another item.
    this.#unpause()
    return this.#recorder.answer(this.#next, stuck)
  }

  abandon(item: number): void {
    const run = item < 0 ? this.#current : this.#open.get(item)
    if (run === undefined || run.over || (item < 0 && run.item !== this.#next)) return
    run.over = true
    this.#open.delete(run.item)
    if (item < 0) this.#isPaused = false
    this.#calls.sweep()
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve
      this.#tell()
    })
  }

  waits(item: number): boolean {
    if (item < 0) return this.#calls.anyOpen
    const run = this.#open.get(item)
    return run === undefined || this.#calls.isOpenFor(run)
  }

  #tell(): void {
    if (this.#isPaused) return
    for (const item of this.#open.keys()) if (!this.waits(item)) return
    this.#onSettled?.()
  }

  #proceed(): void {
    while (
      !this.#isPaused &&
      this.#next < this.#to &&
      this.#open.size < this.#limits.waitingMax &&
      !this.#recorder.full
    ) {
      this.#runOne()
    }
  }

  #runOne(): void {
    const run: Run = { item: this.#next, logs: [], calls: 0, over: false }
    this.#current = run
    let value: unknown
    try {
      if (typeof this.#handler !== 'function') throw new TypeError('the agent has no handler')
      const input = whole(this.#items[run.item])
      value = Reflect.apply(this.#handler, undefined, [input, this.#contextOf(run)])
    } catch (thrown) {
      this.#recorder.threw(run, thrown)
      this.#next += 1
      return
    }
    if (typeof value === 'object' && value !== null && 'then' in value)
      return this.#wait(run, value)
    this.#recorder.returned(run, value)
    this.#next += 1
  }

  #contextOf(run: Run): object {
    const ask = (name: string, asked: object): Promise<unknown> => {
      const answer = this.#calls.make(run, name, this.#recorder.jsonOf(asked))
      if (this.#open.get(run.item) === run) void this.#yield(run)
      return answer
    }
    return Object.freeze({
      log: (level: unknown, message: unknown) => {
        this.#recorder.log(run, String(level), String(message))
      },
      fetch: (url: unknown, init: unknown) => {
        const { method, headers, body, purpose } = Object(init)
        return ask('fetch', { url: String(url), method, headers, body, purpose })
      },
      generate: (init: unknown) => ask('generate', { ...Object(init) }),
    })
  }

  #wait(run: Run, value: object): void {
    this.#open.set(run.item, run)
    // A promise of a run that is over must not answer for an item of this one.
    const settle = (record: () => void) => {
      if (run.over || this.#open.get(run.item) !== run) return
      record()
      this.#open.delete(run.item)
      this.#goOnFrom(run)
      this.#tell()
    }
    void Promise.resolve(value).then(
      (result: unknown) => settle(() => this.#recorder.returned(run, result)),
      (thrown: unknown) => settle(() => this.#recorder.threw(run, thrown)),
    )
    if (this.#calls.isOpenFor(run)) this.#next += 1
    else this.#isPaused = true
  }

  /** Lets the next item begin once this one has said all that it says before its answer comes. */
  async #yield(run: Run): Promise<void> {
    await Promise.resolve()
    if (this.#calls.isOpenFor(run)) this.#goOnFrom(run)
    this.#tell()
  }

  /** The next item may begin, if it is this one that held it up. */
  #goOnFrom(run: Run): void {
    if (!this.#isPaused || this.#current !== run) return
    this.#unpause()
    this.#proceed()
  }

  #unpause(): void {
    if (this.#isPaused) this.#next += 1
    this.#isPaused = false
  }
}

/** What a plugin did not declare is not sent; its handlers may ask for it all the same. */
function whole(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('causes' in item)) return item
  return { config: {}, state: { profile: {}, plugin: {} }, ...item }
}

/** What the plugin finds wrong with itself, null for nothing; it is handed no way to call the host. */
async function runSelfTest(selfTest: unknown, ctx: object): Promise<unknown> {
  if (selfTest === undefined) return null
  // A plain error, for the plugin's author: nothing of the host is in here.
  if (typeof selfTest !== 'function') throw new TypeError('selfTest is not a function')
  const found: unknown = await Reflect.apply(selfTest, undefined, [
    Object.freeze({ log: 'log' in ctx ? ctx.log : undefined }),
  ])
  return found ?? null
}

/** Removes what the tier takes away, and returns the guest's entry points. */
function guest(limits: GuestLimits, Records: typeof Recorder): Guest {
  const { parse, stringify } = JSON
  const recorder = new Records(limits)
  const calls = new CallBook(limits)
  const runner = new Runner(recorder, calls, limits)
  const handlers = new Map<string, unknown>()
  for (const name of limits.removed) Reflect.deleteProperty(globalThis, name)
  return {
    adopt(exported) {
      const usable = typeof exported === 'object' && exported !== null
      const kinds = [
        ['', usable && 'agents' in exported ? exported.agents : undefined],
        ['$perform:', usable && 'performers' in exported ? exported.performers : undefined],
      ] as const
      for (const [prefix, found] of kinds) {
        for (const [id, handler] of Object.entries(found ?? {})) {
          if (typeof handler === 'function') handlers.set(prefix + id, handler)
        }
      }
      const migrate = usable && 'migrate' in exported ? exported.migrate : undefined
      if (typeof migrate === 'function') {
        handlers.set('$migrate', (given: unknown[]) => Reflect.apply(migrate, undefined, given))
      }
      const selfTest = usable && 'selfTest' in exported ? exported.selfTest : undefined
      handlers.set('$selfTest', (_: unknown, ctx: object) => runSelfTest(selfTest, ctx))
      return stringify([...handlers.keys()])
    },
    start(agent, batch, from, to) {
      runner.start(handlers.get(agent), batch === '' ? undefined : parse(batch), from, to)
      return runner.isOpen ? undefined : runner.collect()
    },
    collect: () => runner.collect(),
    nextCall: () => calls.next(),
    settle: (number, isAnswer, body) => calls.settle(number, isAnswer, body),
    abandon: (item) => runner.abandon(item),
    settled: () => runner.settled(),
    waits: (item) => runner.waits(item),
  }
}

/** An expression whose value is the function `guest`, for an isolate that has nothing of this file. */
export const guestSource = `(() => { ${[Recorder, CallBook, Runner, whole, runSelfTest, guest].join('\n')}\nreturn (limits) => guest(limits, Recorder) })()`
