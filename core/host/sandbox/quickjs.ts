/**
 * The fallback where isolated-vm cannot load: QuickJS in WebAssembly, one module for each plugin. Needs no
 * add-on and is 4 to 5 times slower. It computes on the cell's only thread, so the plugins of a cell wait for
 * each other.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
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
import { guestSource } from './guest.ts'
import type { GuestLimits } from './recorder.ts'

const loadTimeoutMs = 1000
/** More, and deep recursion would meet the end of Node's own stack first, which nothing can catch. */
const stackBytes = 131_072
/** Promise jobs run between two looks at the clock. */
const jobsMax = 200

const limits: GuestLimits = { ...guestLimits, removed: nativeGlobals }

interface Machine {
  runtime: QuickJSRuntime
  context: QuickJSContext
  guest: QuickJSHandle
}

interface Code {
  base: QuickJSSyncVariant
  wasmModule: WebAssembly.Module
}

class MachinePlugin implements Confined {
  readonly #bundle: string
  readonly #code: Code
  #machine: Machine | undefined
  #deadline = Number.POSITIVE_INFINITY
  #spentUs = 0

  constructor(bundle: string, code: Code) {
    this.#bundle = bundle
    this.#code = code
  }

  async open(): Promise<string> {
    this.close()
    const wasm = await newQuickJSWASMModuleFromVariant(bounded(this.#code))
    const runtime = wasm.newRuntime()
    runtime.setMaxStackSize(stackBytes)
    runtime.setInterruptHandler(() => performance.now() > this.#deadline)
    const context = runtime.newContext()
    const source = `${guestSource}(${JSON.stringify(limits)})`
    const guest = context.unwrapResult(context.evalCode(source, 'guest.js'))
    this.#machine = { runtime, context, guest }
    return this.#timed(loadTimeoutMs, () => {
      context.unwrapResult(context.evalCode(this.#bundle, 'plugin.js')).dispose()
      const exported = context.unwrapResult(
        context.evalCode(
          'typeof slateboardPlugin === "object" && slateboardPlugin ? slateboardPlugin.default : undefined',
        ),
      )
      return this.#call('adopt', exported).slice(0, 65_536)
    })
  }

  async run(
    agent: string,
    batch: string,
    from: number,
    to: number,
    timeoutMs: number,
  ): Promise<Progress> {
    if (this.#machine === undefined) await this.open()
    return this.#enter(-1, timeoutMs, (context) => {
      const given = [context.newString(agent), context.newString(batch)]
      return this.#call('start', ...given, context.newNumber(from), context.newNumber(to))
    })
  }

  async settle(
    { item, number }: GuestCall,
    isAnswer: boolean,
    body: string,
    timeoutMs: number,
  ): Promise<Progress> {
    return this.#enter(item, timeoutMs, (context) => {
      const how = isAnswer ? context.true : context.false
      return this.#call('settle', context.newNumber(number), how, context.newString(body))
    })
  }

  async collect(): Promise<Progress> {
    return this.#enter(-1, handoverMs, () => '')
  }

  async nextCall(): Promise<string> {
    return this.#machine === undefined ? '' : this.#timed(handoverMs, () => this.#call('nextCall'))
  }

  async abandon(item: number): Promise<void> {
    if (this.#machine !== undefined) this.#timed(handoverMs, () => this.#drop(item))
  }

  cpuUs(): number {
    return Math.round(this.#spentUs)
  }

  close(): void {
    // The machine's memory is its module's and goes with it. Disposing handles one by one would run the
    // plugin's finalizers, and aborts where a hostile plugin left cycles behind.
    this.#machine = undefined
  }

  /** @param guilty the item that is given up when the clock cuts it; negative for the one that is run */
  #enter(guilty: number, timeoutMs: number, act: (context: QuickJSContext) => string): Progress {
    const context = this.#machine?.context
    if (context === undefined) return gone('memory')
    const before = this.#spentUs
    let end: 'answered' | 'timeout' = 'answered'
    let said = ''
    try {
      this.#timed(timeoutMs, () => {
        said = act(context)
        this.#settle()
      })
    } catch (thrown) {
      if (isExhausted(thrown)) return this.#lost('memory')
      if (String(thrown).includes('timed out')) end = 'timeout'
    }
    const cpuMs = (this.#spentUs - before) / 1000
    try {
      const answer = this.#timed(handoverMs, () => {
        if (end === 'timeout') this.#drop(guilty)
        return said === '' ? this.#call('collect') : said
      })
      // Exhaustion can be caught inside QuickJS: then it is what the handler threw.
      if (answer.includes('{"threw":"InternalError: out of memory')) return this.#lost('memory')
      // The end of time reaches a promise as a rejection; which item it was is found by running them alone.
      if (answer.includes('{"threw":"InternalError: interrupted')) return this.#lost('cut')
      return told(end, answer, cpuMs)
    } catch {
      // It hangs even while handing over: only a new machine helps.
      return this.#lost('hung')
    }
  }

  #drop(item: number): void {
    this.#call('abandon', this.#present().context.newNumber(item))
  }

  #lost(end: 'memory' | 'hung' | 'cut'): Progress {
    this.close()
    return gone(end)
  }

  /** Runs promise jobs until none is left or the time is over. */
  #settle(): void {
    const { runtime, context } = this.#present()
    while (runtime.hasPendingJob()) {
      if (performance.now() > this.#deadline) throw new TypeError('interrupted')
      const result = runtime.executePendingJobs(jobsMax)
      if (result.error !== undefined) {
        const told: unknown = context.dump(result.error)
        result.dispose()
        throw new TypeError(wordsOf(told))
      }
    }
  }

  #call(name: string, ...given: QuickJSHandle[]): string {
    const { context, guest } = this.#present()
    const method = context.getProp(guest, name)
    const answer = context.callFunction(method, guest, ...given)
    for (const handle of [method, ...given]) handle.dispose()
    const value = context.unwrapResult(answer)
    const text = context.typeof(value) === 'string' ? context.getString(value) : ''
    value.dispose()
    return text
  }

  #present(): Machine {
    if (this.#machine === undefined) throw new TypeError('the machine is closed')
    return this.#machine
  }

  #timed<T>(timeoutMs: number, work: () => T): T {
    const startedAt = performance.now()
    this.#deadline = startedAt + timeoutMs
    try {
      return work()
    } catch (thrown) {
      if (!String(thrown).includes('interrupted')) throw thrown
      throw new TypeError(`it timed out after ${timeoutMs} ms`, { cause: thrown })
    } finally {
      this.#deadline = Number.POSITIVE_INFINITY
      this.#spentUs += (performance.now() - startedAt) * 1000
    }
  }
}

const wordsOf = (told: unknown): string =>
  typeof told === 'object' && told !== null && 'message' in told ? String(told.message) : 'unknown'

/** Of memory, or of the stack of Node below QuickJS's own, after which the machine is in no sound state. */
const isExhausted = (thrown: unknown): boolean =>
  String(thrown).includes('out of memory') ||
  thrown instanceof WebAssembly.RuntimeError ||
  thrown instanceof RangeError

const pageBytes = 65_536
/** What QuickJS itself takes before any plugin, and what its build asks for at the start. */
const initialPages = 256

/**
 * A machine with a memory that cannot grow further. QuickJS's own limit does not hold here: built for
 * WebAssembly it counts blocks, not their sizes.
 */
function bounded({ base, wasmModule }: Code): QuickJSSyncVariant {
  const maximum = initialPages + (memoryMb * 1_048_576) / pageBytes
  const wasmMemory = new WebAssembly.Memory({ initial: initialPages, maximum })
  return newVariant(base, { wasmMemory, wasmModule })
}

const isVariant = (value: unknown): value is QuickJSSyncVariant =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'sync'

/** Compiles QuickJS once; each plugin gets an instance with a memory of its own. */
export async function machines(): Promise<(bundle: string) => Confined> {
  const name = '@jitl/quickjs-wasmfile-release-sync'
  const { default: base }: { default: unknown } =
    await import('@jitl/quickjs-wasmfile-release-sync')
  if (!isVariant(base)) throw new TypeError('QuickJS is not installed as it should be')
  const bytes = await readFile(fileURLToPath(import.meta.resolve(`${name}/wasm`)))
  const code = { base, wasmModule: await WebAssembly.compile(bytes) }
  return (bundle) => new MachinePlugin(bundle, code)
}
