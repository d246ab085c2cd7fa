/** Part of the guest (guest.ts): sent into the isolate as text, so nothing but the language stands here. */

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
  /** Globals that are taken away before the plugin runs. */
  removed: readonly string[]
}

/** One item that was begun. */
export interface Run {
  item: number
  logs: string[]
  calls: number
  /** Its outcome stands, or is not wanted any more. */
  over: boolean
}

/** What the items answered and logged, as lines of JSON text; nobody parses it before the host does. */
export class Recorder {
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
