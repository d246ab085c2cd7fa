/**
 * A plugin in the realm of the process that it runs in: in a process of its own (tier `process`), or in the
 * host (tier `trusted`). It may use plain built-ins; what bounds it is the process around it.
 */
import { createRequire } from 'node:module'
import { compileFunction, Script } from 'node:vm'
import { plainBuiltins } from './builtins.ts'
import { ended, type Confined, type RunEnd } from './confined.ts'
import { guestLimits, guestSource, type Guest, type GuestLimits } from './guest.ts'

const loadTimeoutMs = 1000
const limits: GuestLimits = { ...guestLimits, removed: [] }

/** Gives a built-in module, or refuses. */
type Require = (name: string) => unknown

class RealmPlugin implements Confined {
  readonly #bundle: string
  readonly #require: Require
  #guest: Guest | undefined
  #startedUs = 0

  constructor(bundle: string, require: Require) {
    this.#bundle = bundle
    this.#require = require
  }

  async open(): Promise<string> {
    const make: unknown = compileFunction(`return ${guestSource}`)()
    if (!isGuestMaker(make)) throw new TypeError('the guest does not compile')
    const guest = make(limits)
    const end = '\nreturn typeof slateboardPlugin === "object" ? slateboardPlugin : undefined'
    const main = compileFunction(this.#bundle + end, ['require'], { filename: 'plugin.js' })
    this.#startedUs = spentUs()
    const exported: unknown = timed(() => main(this.#require), loadTimeoutMs)
    this.#guest = guest
    const definition: unknown =
      typeof exported === 'object' && exported !== null && 'default' in exported
        ? exported.default
        : undefined
    return guest.adopt(definition).slice(0, 65_536)
  }

  async run(
    agent: string,
    batch: string,
    from: number,
    to: number,
    timeoutMs: number,
  ): Promise<RunEnd> {
    const guest = this.#guest
    if (guest === undefined) return { end: 'memory' }
    const until = performance.now() + timeoutMs
    try {
      const answer = timed(() => guest.start(agent, batch, from, to), timeoutMs)
      if (typeof answer === 'string') return ended('answered', answer)
    } catch {
      return ended('timeout', guest.collect())
    }
    const isSettled = await within(guest.settled(), until - performance.now())
    return ended(isSettled ? 'answered' : 'timeout', guest.collect())
  }

  cpuUs(): number {
    return Math.max(0, spentUs() - this.#startedUs)
  }

  close(): void {
    this.#guest = undefined
  }
}

const cpuUsage = process.cpuUsage.bind(process)
const spentUs = (): number => {
  const { user, system } = cpuUsage()
  return user + system
}

type GuestMaker = (limits: GuestLimits) => Guest
const isGuestMaker = (value: unknown): value is GuestMaker => typeof value === 'function'

const workKey = 'slateboard.work'
const trampoline = new Script(`globalThis[Symbol.for('${workKey}')]()`)

/** Runs what may loop for ever; throws once the time is over. Only a script, not a function, has a deadline. */
function timed<T>(work: () => T, timeoutMs: number): T {
  let result: { value: T } | undefined
  const key = Symbol.for(workKey)
  const run = (): void => {
    result = { value: work() }
  }
  Object.defineProperty(globalThis, key, { value: run, configurable: true })
  try {
    trampoline.runInThisContext({ timeout: Math.max(1, Math.ceil(timeoutMs)) })
  } finally {
    Reflect.deleteProperty(globalThis, key)
  }
  if (result === undefined) throw new TypeError('it did not come to its end')
  return result.value
}

async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(late.resolve, Math.max(0, ms), false)
  const isSettled = await Promise.race([promise.then(() => true), late.promise])
  clearTimeout(timer)
  return isSettled
}

const load = createRequire(import.meta.url)

/** Plain built-ins, by name with or without `node:`. */
function plainRequire(name: unknown): unknown {
  // Once: an object might say another name each time.
  const text = String(name)
  const full = text.startsWith('node:') ? text : `node:${text}`
  if (plainBuiltins.has(full)) return load(full)
  throw new TypeError(`${full.slice(0, 100)} is not available to plugins`)
}

/** For the host itself; everything that Node has may be required. */
export const hostRealm = (bundle: string): Confined => new RealmPlugin(bundle, load)

/** For a process that runs one plugin and nothing else: its globals lose what leads out. */
export function realms(): (bundle: string) => Confined {
  const { version, versions, platform, arch, hrtime, nextTick } = process
  // The frames go over standard output, which a line of console.log would garble.
  Object.defineProperties(globalThis, {
    console: { value: quietConsole(), configurable: false },
    process: {
      value: Object.freeze({ version, versions, platform, arch, hrtime, nextTick, env: {} }),
      configurable: false,
    },
  })
  return (bundle) => new RealmPlugin(bundle, plainRequire)
}

const quietConsole = (): object =>
  Object.freeze(
    Object.fromEntries(
      ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir', 'table'].map((name) => [
        name,
        () => undefined,
      ]),
    ),
  )
