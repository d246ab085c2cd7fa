import type ivm from 'isolated-vm'
import { createRequire } from 'node:module'
import { ended, memoryMb, type Confined, type RunEnd } from './confined.ts'
import { guestLimits, guestSource, nativeGlobals, type GuestLimits } from './guest.ts'

type Native = typeof ivm

const loadTimeoutMs = 1000

const limits: GuestLimits = { ...guestLimits, removed: nativeGlobals }

interface Entry {
  isolate: ivm.Isolate
  start: ivm.Reference<
    (agent: string, batch: string, from: number, to: number) => string | undefined
  >
  collect: ivm.Reference<() => string>
}

/** One plugin in its isolate. The isolate is replaced after it ran out of memory. */
export class PluginIsolate implements Confined {
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
    }
    return String(exported).slice(0, 65_536)
  }

  async run(
    agent: string,
    batch: string,
    from: number,
    to: number,
    timeoutMs: number,
  ): Promise<RunEnd> {
    if (this.#entry === undefined || this.#entry.isolate.isDisposed) await this.open()
    const entry = this.#entry
    if (entry === undefined) return { end: 'memory' }
    try {
      const answer = await entry.start.apply(undefined, [agent, batch, from, to], {
        timeout: timeoutMs,
        result: { copy: true },
      })
      return ended('answered', typeof answer === 'string' ? answer : await collected(entry))
    } catch {
      if (entry.isolate.isDisposed) return { end: 'memory' }
    }
    try {
      return ended('timeout', await collected(entry))
    } catch {
      // It hangs even while handing over: only a new isolate helps.
      this.close()
      return { end: 'timeout', finished: 0, json: '' }
    }
  }

  cpuUs(): number {
    const isolate = this.#entry?.isolate
    return isolate === undefined || isolate.isDisposed ? 0 : Number(isolate.cpuTime / 1000n)
  }

  close(): void {
    if (this.#entry !== undefined && !this.#entry.isolate.isDisposed) this.#entry.isolate.dispose()
    this.#entry = undefined
  }
}

const collected = async (entry: Entry): Promise<string> =>
  await entry.collect.apply(undefined, [], { timeout: 100, result: { copy: true } })

/** Loads the one add-on of this process, whose path the host found. */
export function isolates(file: string): (bundle: string) => Confined {
  const native: { ivm: Native } = createRequire(import.meta.url)(file)
  return (bundle) => new PluginIsolate(native.ivm, bundle)
}
