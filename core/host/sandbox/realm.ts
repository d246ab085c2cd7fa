/**
 * A plugin in the realm of the process that it runs in: in a process of its own (tier `process`), or in the
 * host (tier `trusted`). It may use plain built-ins; what bounds it is the process around it.
 */
import { createRequire } from 'node:module'
import { compileFunction, Script } from 'node:vm'
import { plainBuiltins } from './builtins.ts'
import {
  gone,
  guestLimits,
  handoverMs,
  told,
  type Confined,
  type GuestCall,
  type Progress,
} from './confined.ts'
import { guestSource, type Guest } from './guest.ts'
import type { GuestLimits } from './recorder.ts'

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
  ): Promise<Progress> {
    if (this.#guest === undefined) await this.open()
    return this.#enter((guest) => guest.start(agent, batch, from, to), -1, timeoutMs)
  }

  settle(
    { item, number }: GuestCall,
    isAnswer: boolean,
    body: string,
    timeoutMs: number,
  ): Promise<Progress> {
    const answer = (guest: Guest): undefined => {
      guest.settle(number, isAnswer, body)
    }
    return this.#enter(answer, item, timeoutMs)
  }

  async collect(): Promise<Progress> {
    const guest = this.#guest
    if (guest === undefined) return gone('hung')
    return told(
      'answered',
      timed(() => guest.collect(), handoverMs),
      0,
    )
  }

  async nextCall(): Promise<string> {
    const guest = this.#guest
    return guest === undefined ? '' : timed(() => guest.nextCall(), handoverMs)
  }

  async abandon(item: number): Promise<void> {
    const guest = this.#guest
    if (guest !== undefined) timed(() => guest.abandon(item), handoverMs)
  }

  /** @param guilty the item that is given up when the clock cuts it; negative for the one that is run */
  async #enter(
    act: (guest: Guest) => string | undefined,
    guilty: number,
    timeoutMs: number,
  ): Promise<Progress> {
    const guest = this.#guest
    if (guest === undefined) return gone('hung')
    const startedAt = performance.now()
    const spentMs = () => performance.now() - startedAt
    let isInTime = true
    try {
      const answer = timed(() => act(guest), timeoutMs)
      if (typeof answer === 'string') return told('answered', answer, spentMs())
      // Who waits for another item's call cannot be told from who waits for a built-in: neither is to blame yet.
      isInTime = (await within(guest.settled(), timeoutMs - spentMs())) || guest.waits(guilty)
    } catch (thrown) {
      isInTime = !String(thrown).includes('timed out')
    }
    try {
      const cpuMs = spentMs()
      if (!isInTime) timed(() => guest.abandon(guilty), handoverMs)
      const answer = timed(() => guest.collect(), handoverMs)
      return told(isInTime ? 'answered' : 'timeout', answer, cpuMs)
    } catch {
      // It hangs even while handing over: only a new guest helps.
      this.close()
      return gone('hung')
    }
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
  // What is on the point of ending does so before anybody looks.
  await new Promise((resolve) => setImmediate(resolve))
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
