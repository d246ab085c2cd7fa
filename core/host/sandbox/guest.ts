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
  /** Globals that are taken away before the plugin runs. */
  removed: readonly string[]
}

export interface Guest {
  /** Takes the plugin's default export; answers the agent ids that have a handler, as JSON. */
  adopt(exported: unknown): string
  /** Runs items `from` to `to` of a JSON batch. The answer, or undefined while a promise is open. */
  start(agent: string, batch: string, from: number, to: number): string | undefined
  /** The answer as far as it got: `<items finished>:<1 if a promise is open, else 0>:<JSON>`. */
  collect(): string
  /** Resolves once no promise of the run is open any more; for tiers in which there is something to wait for. */
  settled(): Promise<void>
}

/** What the items of one run answered and logged, as JSON text; nobody parses it before the host does. */
class Recorder {
  readonly #limits: GuestLimits
  readonly #toJson = JSON.stringify
  readonly #entries: string[] = []
  readonly #logs: string[] = []
  #chars = 0
  #logged = 0

  constructor(limits: GuestLimits) {
    this.#limits = limits
  }

  get finished(): number {
    return this.#entries.length
  }

  get full(): boolean {
    return this.#chars >= this.#limits.answerChars
  }

  clear(): void {
    this.#entries.length = 0
    this.#logs.length = 0
    this.#chars = 0
    this.#logged = 0
  }

  returned(value: unknown): void {
    const text = this.#jsonOf(value)
    if (text === undefined) this.#record(`{"unusable":"it is ${typeof value}"}`)
    else if (text.length > this.#limits.outcomeChars) {
      this.#record(`{"unusable":"it has ${text.length} characters of JSON"}`)
    } else this.#record(`{"returned":${text}}`)
  }

  threw(thrown: unknown): void {
    this.#record(`{"threw":${this.#toJson(this.#wordsOf(thrown))}}`)
  }

  log(item: number, level: string, message: string): void {
    if (this.#logged >= this.#limits.logsPerItem) return
    this.#logged += 1
    const line = this.#toJson({ item, level, message: message.slice(0, this.#limits.logChars) })
    this.#chars += line.length
    this.#logs[this.#logs.length] = line
  }

  answer(open: boolean): string {
    const json = `{"outcomes":[${this.#entries.join(',')}],"logs":[${this.#logs.join(',')}]}`
    return `${this.#entries.length}:${open ? 1 : 0}:${json}`
  }

  #record(entry: string): void {
    this.#entries[this.#entries.length] = entry
    this.#chars += entry.length
    this.#logged = 0
  }

  /** Undefined for what is no JSON: functions, undefined, circles, bigints. */
  #jsonOf(value: unknown): string | undefined {
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

/** Hands items to a handler one after another; without pause as long as handlers are synchronous. */
class Runner {
  readonly #recorder: Recorder
  #number = 0
  #handler: unknown
  #items: unknown[] = []
  #from = 0
  #to = 0
  open = false
  #onSettled: (() => void) | undefined
  /** Whoever keeps the context of a call beyond it logs under the item that runs then. */
  readonly #context = Object.freeze({
    log: (level: unknown, message: unknown) => {
      this.#recorder.log(this.#at, String(level), String(message))
    },
  })

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  get #at(): number {
    return this.#from + this.#recorder.finished
  }

  start(handler: unknown, items: unknown[], from: number, to: number): void {
    this.#recorder.clear()
    this.#number += 1
    this.#handler = handler
    this.#items = items
    this.#from = from
    this.#to = to
    this.#proceed()
  }

  #proceed(): void {
    this.open = false
    while (!this.open && this.#at < this.#to && !this.#recorder.full) this.#runOne()
    if (!this.open) this.#onSettled?.()
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve
      if (!this.open) resolve()
    })
  }

  #runOne(): void {
    let value: unknown
    try {
      if (typeof this.#handler !== 'function') throw new TypeError('the agent has no handler')
      value = Reflect.apply(this.#handler, undefined, [this.#items[this.#at], this.#context])
    } catch (thrown) {
      this.#recorder.threw(thrown)
      return
    }
    if (typeof value === 'object' && value !== null && 'then' in value) this.#wait(value)
    else this.#recorder.returned(value)
  }

  #wait(value: object): void {
    this.open = true
    const run = this.#number
    const at = this.#at
    // A promise of an earlier run must not answer for an item of this one.
    const settle = (record: () => void) => {
      if (this.#number !== run || this.#at !== at || !this.open) return
      record()
      this.#proceed()
    }
    void Promise.resolve(value).then(
      (result: unknown) => settle(() => this.#recorder.returned(result)),
      (thrown: unknown) => settle(() => this.#recorder.threw(thrown)),
    )
  }
}

/** Removes what the tier takes away, and returns the guest's entry points. */
function guest(limits: GuestLimits): Guest {
  const { parse, stringify } = JSON
  const recorder = new Recorder(limits)
  const runner = new Runner(recorder)
  const handlers = new Map<string, unknown>()
  for (const name of limits.removed) Reflect.deleteProperty(globalThis, name)
  return {
    adopt(exported) {
      const usable = typeof exported === 'object' && exported !== null && 'agents' in exported
      for (const [id, handler] of Object.entries(usable ? (exported.agents ?? {}) : {})) {
        if (typeof handler === 'function') handlers.set(id, handler)
      }
      return stringify([...handlers.keys()])
    },
    start(agent, batch, from, to) {
      runner.start(handlers.get(agent), parse(batch), from, to)
      return runner.open ? undefined : recorder.answer(false)
    },
    collect: () => recorder.answer(runner.open),
    settled: () => runner.settled(),
  }
}

/** Sizes keep the largest answer, in UTF-8, below the 1 MB that the host accepts in one frame. */
export const guestLimits = {
  outcomeChars: 65_536,
  answerChars: 196_608,
  logsPerItem: 20,
  logChars: 500,
} as const

/** What could share memory or run native code; once deleted from an isolate nothing brings it back. */
export const nativeGlobals = ['WebAssembly', 'SharedArrayBuffer', 'Atomics'] as const

/** An expression whose value is the function `guest`, for an isolate that has nothing of this file. */
export const guestSource = `(() => { ${[Recorder, Runner, guest].join('\n')}\nreturn guest })()`
