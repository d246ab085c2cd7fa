import { readFile } from 'node:fs/promises'
import { fail } from '../../errors.ts'
import type { Batch, BatchResult, HostCalls, Program, RawOutcome } from '../engine.ts'
import { patienceMs, silenceMs, waitMsDefault } from './batch.ts'
import { encodeFrame, frameReader } from './frame.ts'
import {
  describeMismatch,
  frameLimits,
  readAgents,
  readPart,
  readReply,
  type Reply,
} from './reply.ts'
import { Caller, type CallAnswer } from './caller.ts'
import { spawnCell, unloadableCode, type CellProcess, type CellStart } from './spawn.ts'

export interface LifeLimits {
  /** Resident memory at which the cell is killed. */
  memoryBytesMax: number
  /** Granted on top of twice the allowed silence before a silent cell is killed: a busy machine is no crime. */
  wallSlackMs: number
}

/** Why a life ended, as far as that says who is to blame. */
export type EndCause = 'memory' | 'silence' | 'unloadable' | 'other'

interface Exchange {
  onReply(reply: Reply, body: string): void
  onLost(reason: string): void
  /** Called before the cell is killed for not answering this exchange. */
  onSilence?(): void
}

interface OpenExchange extends Exchange {
  timer: NodeJS.Timeout
  /** Replies so far. */
  heard: number
  /** Answers to its calls that are still to come. */
  owed: number
}

const startMs = 15_000
const loadMs = 10_000
const memoryPollMs = 100

/** One life of a cell process, from spawn to exit. Whatever goes wrong ends it; the slot starts the next. */
export class Life {
  readonly ended: Promise<string>
  /** True once the cell is ready for plugins, false when it ended before. */
  readonly ready: Promise<boolean>
  readonly pid: number | undefined
  residentBytes = 0
  endedBy: EndCause = 'other'

  readonly #child: CellProcess
  readonly #limits: LifeLimits
  readonly #exchanges = new Map<number, OpenExchange>()
  readonly #loads = new Map<string, Promise<void>>()
  #lastId = 0
  #killedFor: string | undefined
  #over = false

  constructor(limits: LifeLimits, start: CellStart) {
    this.#limits = limits
    this.#child = spawnCell(start)
    this.pid = this.#child.pid
    const ready = Promise.withResolvers<boolean>()
    const ended = Promise.withResolvers<string>()
    this.ready = ready.promise
    this.ended = ended.promise
    // The first exchange has id 0, which is the one a cell answers unasked.
    const id = this.#expect(startMs, {
      onReply: () => {
        this.#finish(id)
        ready.resolve(true)
      },
      onLost: () => ready.resolve(false),
    })
    this.#listen((reason) => {
      for (const open of this.#exchanges.keys()) this.#lose(open, reason)
      ended.resolve(reason)
    })
    void this.#watchMemory()
  }

  /** Rejects with `plugin_load_failed`, or `cell_lost` when the cell ended meanwhile. */
  load(key: string, program: Program): Promise<void> {
    const known = this.#loads.get(key)
    if (known !== undefined) return known
    const loading = this.#load(key, program)
    this.#loads.set(key, loading)
    loading.catch(() => this.#loads.delete(key))
    return loading
  }

  unload(key: string): void {
    this.#loads.delete(key)
    if (this.#killedFor === undefined)
      this.#child.stdin.write(encodeFrame({ kind: 'unload', id: 0, key }))
  }

  /** Never rejects: items that got no answer are `lost`, the one that made the cell hang is `stopped`. */
  run(key: string, batch: Batch, calls?: HostCalls): Promise<BatchResult> {
    const { agent, items, timeoutMs, waitMs = waitMsDefault } = batch
    const { promise, resolve } = Promise.withResolvers<BatchResult>()
    const result: BatchResult = { outcomes: [], logs: [], cpuUs: 0 }
    // However the cell spends it: this is all the time in which items may wait for the host.
    let patience: NodeJS.Timeout | undefined
    const settle = () => {
      clearTimeout(patience)
      resolve(result)
    }
    const giveUp = (reason: string) => {
      const missing = items.length - result.outcomes.length
      const outcome = { lost: reason, by: this.endedBy }
      result.outcomes.push(...Array.from({ length: missing }, (): RawOutcome => outcome))
      settle()
    }
    const silence = 2 * silenceMs(timeoutMs) + this.#limits.wallSlackMs
    const answer = new Caller(items.length, calls)
    const id = this.#expect(silence, {
      onLost: giveUp,
      onReply: (reply, body) => {
        if (reply.kind === 'failed') return this.#lose(id, body.slice(0, 300))
        if (reply.kind === 'call') {
          const patienceLeft = patienceMs(items.length, waitMs) + silence
          patience ??= setTimeout(() => this.kill(`it ran for ${patienceLeft} ms`), patienceLeft)
          return void this.#answer(id, reply, answer.to(reply, body))
        }
        const count = reply.kind === 'part' ? reply.count : 0
        if (count === 0 || result.outcomes.length + count > items.length) {
          return this.kill('it answered out of protocol')
        }
        // The head is the cell's word, the body the plugin's: only the plugin pays for a wrong one.
        const part = readPart(body, count) ?? bentPart(count)
        result.outcomes.push(...part.outcomes)
        result.logs.push(...part.logs)
        result.cpuUs += reply.kind === 'part' ? reply.cpuUs : 0
        if (result.outcomes.length < items.length) return
        this.#finish(id)
        settle()
      },
      onSilence: () => result.outcomes.push({ stopped: 'plugin_timeout' }),
    })
    this.#child.stdin.write(
      encodeFrame(
        { kind: 'react', id, key, agent, count: items.length, timeoutMs, waitMs },
        `[${items.join(',')}]`,
      ),
    )
    return promise
  }

  /** Passes the host's answer to a call on; while one is owed, the silence is the host's own. */
  async #answer(id: number, { number }: { number: number }, answer: Promise<CallAnswer>) {
    const open = this.#exchanges.get(id)
    if (open === undefined) return
    open.owed += 1
    const { isAnswer, body } = await answer
    open.owed -= 1
    open.timer.refresh()
    if (this.#exchanges.get(id) !== open || this.#killedFor !== undefined) return
    this.#child.stdin.write(encodeFrame({ kind: 'answer', id, number, isAnswer }, body))
  }

  kill(reason: string, cause: EndCause = 'other'): void {
    if (this.#killedFor === undefined) this.endedBy = cause
    this.#killedFor ??= reason
    this.#child.kill('SIGKILL')
  }

  #load(key: string, { id: plugin, bundle, agents }: Program): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const id = this.#expect(loadMs, {
      onLost: (reason) => reject(fail('cell_lost', { plugin, agent: 'load', reason })),
      onReply: (reply, body) => {
        this.#finish(id)
        const problem =
          reply.kind === 'loaded' ? describeMismatch(agents, readAgents(body)) : body.slice(0, 300)
        if (problem === undefined) resolve()
        else reject(fail('plugin_load_failed', { plugin, reason: problem }))
      },
    })
    this.#child.stdin.write(encodeFrame({ kind: 'load', id, key }, bundle))
    return promise
  }

  /** Registers an exchange; its clock starts anew with each reply, and when it runs out the cell is killed. */
  #expect(waitMs: number, exchange: Exchange): number {
    const id = this.#lastId
    this.#lastId += 1
    const timer = setTimeout(() => {
      const heard = this.#exchanges.get(id)?.heard
      // Had this process itself been held up, replies would lie unread in the pipe: they are read before
      // an immediate runs.
      setImmediate(() => {
        const open = this.#exchanges.get(id)
        if (open === undefined || open.heard !== heard) return
        if (open.owed > 0) {
          open.timer.refresh()
          return
        }
        open.onSilence?.()
        this.kill(`it was silent for ${waitMs} ms`, 'silence')
      })
    }, waitMs)
    this.#exchanges.set(id, { ...exchange, timer, heard: 0, owed: 0 })
    // The cell may have ended already, and then `close` will not come again.
    if (this.#over) queueMicrotask(() => this.#lose(id, this.#killedFor ?? ''))
    return id
  }

  /** Ends an exchange: no reply to it is expected any more. */
  #finish(id: number): void {
    clearTimeout(this.#exchanges.get(id)?.timer)
    this.#exchanges.delete(id)
  }

  #lose(id: number, reason: string): void {
    const exchange = this.#exchanges.get(id)
    this.#finish(id)
    exchange?.onLost(reason)
  }

  #listen(onEnd: (reason: string) => void): void {
    let complaint = ''
    const read = frameReader(frameLimits, ({ head, body }) => {
      const reply = readReply(head)
      const exchange = reply === undefined ? undefined : this.#exchanges.get(reply.id)
      if (reply === undefined || exchange === undefined)
        return this.kill('it answered out of protocol')
      exchange.heard += 1
      exchange.timer.refresh()
      exchange.onReply(reply, body)
    })
    this.#child.stdout.on('data', (chunk: Buffer) => {
      if (!read(chunk)) this.kill('it sent a frame that is too large or malformed')
    })
    this.#child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-2000)
    })
    // A write to a cell that just ended; `close` tells the rest.
    this.#child.stdin.on('error', () => undefined)
    this.#child.once('error', (error) => {
      complaint = error.message
    })
    this.#child.once('close', (code, signal) => {
      if (this.#killedFor === undefined && code === unloadableCode) this.endedBy = 'unloadable'
      if (complaint.includes('heap out of memory')) this.endedBy = 'memory'
      const told =
        this.#killedFor ?? `${signal ?? `exit code ${code}`} ${firstLine(complaint)}`.trim()
      this.#killedFor = told
      this.#over = true
      onEnd(told)
    })
  }

  async #watchMemory(): Promise<void> {
    while (this.#killedFor === undefined && this.pid !== undefined) {
      const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => undefined)
      // No /proc on this platform, or the process is gone: nothing to watch.
      if (status === undefined) return
      this.residentBytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
      if (this.residentBytes > this.#limits.memoryBytesMax) {
        const limitMb = Math.round(this.#limits.memoryBytesMax / 1_048_576)
        return this.kill(`it used more than ${limitMb} MB`, 'memory')
      }
      await pause(memoryPollMs)
    }
  }
}

const bentPart = (count: number): Pick<BatchResult, 'outcomes' | 'logs'> => ({
  outcomes: Array.from({ length: count }, () => ({
    unusable: 'the plugin bent the sandbox around it',
  })),
  logs: [],
})

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

const firstLine = (text: string): string =>
  text.split('\n').find((line) => line.includes('rror')) ?? ''
