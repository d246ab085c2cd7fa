/**
 * The part of the sandbox that lives inside the isolate, beside the plugin. Its source is sent there with
 * `toString`, so it may use nothing but the language and its own parameters. A plugin can bend the
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
}

export interface Guest {
  /** Takes the plugin's default export; answers the agent ids that have a handler, as JSON. */
  adopt(exported: unknown): string
  /** Runs items `from` to `to` of a JSON batch. The answer, or undefined while a promise is open. */
  start(agent: string, batch: string, from: number, to: number): string | undefined
  /** The answer as far as it got: `<items finished>:<1 if a promise is open, else 0>:<JSON>`. */
  collect(): string
}

/** Removes what could share memory or run native code, and returns the guest's three entry points. */
export function guest(limits: GuestLimits): Guest {
  const { parse, stringify } = JSON
  const toText = String
  const settle = Promise.resolve.bind(Promise)
  const apply = Reflect.apply
  const entries: string[] = []
  const logs: string[] = []
  let handlers: Record<string, unknown> = {}
  let items: unknown[] = []
  let run = {
    number: 0,
    handler: handlers['none'],
    at: 0,
    to: 0,
    chars: 0,
    open: false,
    logged: 0,
  }

  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics'])
    Reflect.deleteProperty(globalThis, name)

  const cut = (text: string, chars: number): string => text.slice(0, chars)

  function wordsOf(thrown: unknown): string {
    try {
      if (!(thrown instanceof Error)) return `a ${typeof thrown} that is not an Error`
      const place = /plugin\.js:\d+:\d+/.exec(`${thrown.stack}`)
      return cut(
        `${thrown.name}: ${thrown.message}${place === null ? '' : ` (${place[0]})`}`,
        limits.logChars,
      )
    } catch {
      return 'an error that cannot be read'
    }
  }

  function record(entry: string): void {
    entries[entries.length] = entry
    run.chars += entry.length
    run.at += 1
    run.logged = 0
  }

  function returned(value: unknown): void {
    let text: string | undefined
    try {
      text = stringify(value)
    } catch (thrown) {
      record(`{"unusable":${stringify(`it is not JSON: ${wordsOf(thrown)}`)}}`)
      return
    }
    if (text === undefined) record(`{"unusable":"it is ${typeof value}"}`)
    else if (text.length > limits.outcomeChars)
      record(`{"unusable":"it has ${text.length} characters of JSON"}`)
    else record(`{"returned":${text}}`)
  }

  const threw = (thrown: unknown) => record(`{"threw":${stringify(wordsOf(thrown))}}`)

  const context = Object.freeze({
    log(level: unknown, message: unknown) {
      if (run.logged >= limits.logsPerItem) return
      run.logged += 1
      const line = stringify({
        item: run.at,
        level: toText(level),
        message: cut(toText(message), limits.logChars),
      })
      run.chars += line.length
      logs[logs.length] = line
    },
  })

  function proceed(): void {
    run.open = false
    while (run.at < run.to && run.chars < limits.answerChars) {
      let value: unknown
      try {
        if (typeof run.handler !== 'function') throw new TypeError('the agent has no handler')
        value = apply(run.handler, undefined, [items[run.at], context])
      } catch (thrown) {
        threw(thrown)
        continue
      }
      if (typeof value === 'object' && value !== null && 'then' in value) {
        wait(value)
        return
      }
      returned(value)
    }
  }

  function wait(value: object): void {
    run.open = true
    const { number, at } = run
    // A promise of an earlier run, or one that settles twice, must not answer for another item.
    const current = () => run.number === number && run.at === at && run.open
    const onValue = (result: unknown) => {
      if (!current()) return
      returned(result)
      proceed()
    }
    const onError = (thrown: unknown) => {
      if (!current()) return
      threw(thrown)
      proceed()
    }
    void settle(value).then(onValue, onError)
  }

  function collect(): string {
    let json = '{"outcomes":['
    for (let at = 0; at < entries.length; at += 1) json += (at === 0 ? '' : ',') + entries[at]
    json += '],"logs":['
    for (let at = 0; at < logs.length; at += 1) json += (at === 0 ? '' : ',') + logs[at]
    return `${entries.length}:${run.open ? 1 : 0}:${json}]}`
  }

  return {
    adopt(exported) {
      const agents =
        typeof exported === 'object' && exported !== null && 'agents' in exported
          ? exported.agents
          : {}
      handlers = Object.assign(Object.create(null), agents)
      return stringify(Object.keys(handlers).filter((id) => typeof handlers[id] === 'function'))
    },
    start(agent, batch, from, to) {
      entries.length = 0
      logs.length = 0
      items = parse(batch)
      run = {
        number: run.number + 1,
        handler: handlers[agent],
        at: from,
        to,
        chars: 0,
        open: false,
        logged: 0,
      }
      proceed()
      return run.open ? undefined : collect()
    },
    collect,
  }
}
