import type ivm from 'isolated-vm'
import { createRequire } from 'node:module'
import {
  gone,
  guestLimits,
  handoverMs,
  memoryMb,
  nativeGlobals,
  told,
  type Confined,
  type GuestCall,
  type Progress,
} from './confined.ts'
import { guestSource, type Guest } from './guest.ts'
import type { GuestLimits } from './recorder.ts'

type Native = typeof ivm

const loadTimeoutMs = 1000

const limits: GuestLimits = { ...guestLimits, removed: nativeGlobals }

interface Entry {
  isolate: ivm.Isolate
  start: ivm.Reference<Guest['start']>
  collect: ivm.Reference<Guest['collect']>
  nextCall: ivm.Reference<Guest['nextCall']>
  settle: ivm.Reference<Guest['settle']>
  abandon: ivm.Reference<Guest['abandon']>
}

/** One plugin in its isolate. The isolate is replaced after it ran out of memory. */
class PluginIsolate implements Confined {
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

  settle(call: GuestCall, isAnswer: boolean, body: string, timeout: number): Promise<Progress> {
    return this.#enter(
      (entry) => entry.settle.apply(undefined, [call.number, isAnswer, body], { timeout }),
      call.item,
    )
  }

  collect(): Promise<Progress> {
    return this.#enter(() => Promise.resolve(undefined), -1)
  }

  async nextCall(): Promise<string> {
    const entry = this.#entry
    if (entry === undefined || entry.isolate.isDisposed) return ''
    const text = await entry.nextCall.apply(undefined, [], { timeout: handoverMs, ...copy })
    return typeof text === 'string' ? text : ''
  }

  async abandon(item: number): Promise<void> {
    const entry = this.#entry
    if (entry !== undefined && !entry.isolate.isDisposed) {
      await entry.abandon.apply(undefined, [item], { timeout: handoverMs })
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

  /** @param guilty the item that is given up when the clock cuts it; negative for the one that is run */
  async #enter(act: (entry: Entry) => Promise<unknown>, guilty: number): Promise<Progress> {
    const entry = this.#entry
    if (entry === undefined || entry.isolate.isDisposed) return gone('memory')
    const before = entry.isolate.cpuTime
    let end: 'answered' | 'timeout' = 'answered'
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
      return told(end, answer, cpuMs)
    } catch {
      // It hangs even while handing over: only a new isolate helps.
      this.close()
      return gone('hung')
    }
  }
}

const copy = { result: { copy: true } } as const

/** Loads the one add-on of this process, whose path the host found. */
export function isolates(file: string): (bundle: string) => Confined {
  const native: { ivm: Native } = createRequire(import.meta.url)(file)
  return (bundle) => new PluginIsolate(native.ivm, bundle)
}
