/**
 * The part of the sandbox that lives inside the isolate, beside the plugin. It is sent there as source
 * text, so it may use nothing but the language and what stands in this file. A plugin can bend the
 * built-ins that it works with; therefore all its answers count as the plugin's own words, and one
 * that makes no sense fails that plugin's items and nobody else's.
 */

export interface GuestLimits {
  /** Characters of one returned outcome. */
  outcomeChars: number
  /** Characters after which a run stops early and hands over what it has. */
  answerChars: number
  logsPerItem: number
  logChars: number
  /** Host calls of one item. */
  callsPerItem: number
  /** Characters of one host call. */
  callChars: number
  /** Items that wait for host calls at once. */
  waitingMax: number
}

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
}

/** One item that was begun. */
interface Run {
  item: number
  logs: string[]
  calls: number
  /** Its outcome stands, or is not wanted any more. */
  over: boolean
}

interface OpenCall {
  run: Run
  resolve(answer: unknown): void
  reject(reason: unknown): void
}

/** What the items answered and logged, as lines of JSON text; nobody parses it before the host does. */
class Recorder {
  readonly #limits: GuestLimits
  readonly #toJson = JSON.stringify
  #lines: string[] = []
  #chars = 0

  constructor(limits: GuestLimits) {
    this.#limits = limits
  }

  get full(): boolean {
    return this.#chars >= this.#limits.answerChars
  }

  clear(): void {
    this.#lines = []
    this.#chars = 0
  }

  returned(run: Run, value: unknown): void {
    const text = this.jsonOf(value)
    if (text === undefined) this.record(run, `{"unusable":"it is ${typeof value}"}`)
    else if (text.length > this.#limits.outcomeChars) {
      this.record(run, `{"unusable":"it has ${text.length} characters of JSON"}`)
    } else this.record(run, `{"returned":${text}}`)
  }

  threw(run: Run, thrown: unknown): void {
    this.record(run, `{"threw":${this.#toJson(this.#wordsOf(thrown))}}`)
  }

  log({ logs, over, item }: Run, level: string, message: string): void {
    if (over || logs.length >= this.#limits.logsPerItem) return
    const line = { item, level, message: message.slice(0, this.#limits.logChars) }
    logs[logs.length] = this.#toJson(line)
  }

  record(run: Run, entry: string): void {
    run.over = true
    const line = `${run.item}\t${entry}\t${run.logs.join(',')}`
    this.#lines[this.#lines.length] = line
    this.#chars += line.length
  }

  /** Takes off what one answer may hold. */
  answer(next: number, stuck: number): string {
    let text = ''
    let taken = 0
    while (taken < this.#lines.length && text.length < this.#limits.answerChars) {
      text += `\n${this.#lines[taken]}`
      taken += 1
    }
    this.#lines = this.#lines.slice(taken)
    this.#chars = this.#lines.length === 0 ? 0 : this.#chars - text.length
    return `${next}:${stuck}:${this.#lines.length}${text}`
  }

  /** Undefined for what is no JSON: functions, undefined, circles, bigints. */
  jsonOf(value: unknown): string | undefined {
    try {
      return this.#toJson(value)
    } catch {
      return undefined
    }
  }

  #wordsOf(thrown: unknown): string {
    try {
      if (!(thrown instanceof Error)) return `a ${typeof thrown} that is not an Error`
      const place = /plugin\.js:\d+:\d+/.exec(String(thrown.stack))
      const where = place === null ? '' : ` (${place[0]})`
      return `${thrown.name}: ${thrown.message}`.slice(0, this.#limits.logChars - 40) + where
    } catch {
      return 'an error that cannot be read'
    }
  }
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

  #answerOf({ status, headers, text }: { status: number; headers: object; text: string }) {
    const parse = this.#parse
    return Object.freeze({ status, headers, text, json: (): unknown => parse(text) })
  }

  /** A `PluginCallDenied`, as the contract describes it. */
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
      const input = this.#items[run.item]
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
    return Object.freeze({
      log: (level: unknown, message: unknown) => {
        this.#recorder.log(run, String(level), String(message))
      },
      fetch: (url: unknown, init: unknown) => {
        const { method, headers, body, purpose } = Object(init)
        const text = this.#recorder.jsonOf({ url: String(url), method, headers, body, purpose })
        const answer = this.#calls.make(run, 'fetch', text)
        if (this.#open.get(run.item) === run) void this.#yield(run)
        return answer
      },
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

/** Removes what could share memory or run native code, and returns the guest's entry points. */
function guest(limits: GuestLimits): Guest {
  const { parse, stringify } = JSON
  const recorder = new Recorder(limits)
  const calls = new CallBook(limits)
  const runner = new Runner(recorder, calls, limits)
  const handlers = new Map<string, unknown>()
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) {
    Reflect.deleteProperty(globalThis, name)
  }
  return {
    adopt(exported) {
      const usable = typeof exported === 'object' && exported !== null && 'agents' in exported
      for (const [id, handler] of Object.entries(usable ? (exported.agents ?? {}) : {})) {
        if (typeof handler === 'function') handlers.set(id, handler)
      }
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
  }
}

/** An expression whose value is the function `guest`, for an isolate that has nothing of this file. */
export const guestSource = `(() => { ${[Recorder, CallBook, Runner, guest].join('\n')}\nreturn guest })()`
