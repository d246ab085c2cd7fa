/** What a cell can hold: one plugin, confined in the way of its tier. */
import type { GuestLimits } from './recorder.ts'

/** What a plugin may keep in memory where its backend can bound it. */
export const memoryMb = 16

/** Sizes keep the largest answer and call, in UTF-8, below the 1 MB that the host accepts in one frame. */
export const guestLimits = {
  outcomeChars: 65_536,
  answerChars: 196_608,
  logsPerItem: 20,
  logChars: 500,
  callsPerItem: 8,
  callChars: 262_144,
  waitingMax: 16,
} as const satisfies Omit<GuestLimits, 'removed'>

/** What could share memory or run native code; once deleted from an isolate nothing brings it back. */
export const nativeGlobals = ['WebAssembly', 'SharedArrayBuffer', 'Atomics'] as const

/** Above what the limits let a guest say, below what the host accepts in a frame. */
export const answerCharsMax = 458_752
/** What the guest's own bookkeeping may take. */
export const handoverMs = 100

/** How it went: to its end, cut by the clock, or at the price of the confinement and all that was under way in it. */
export type End = 'answered' | 'timeout' | Loss
/** Nobody is to blame for `cut`: what was under way runs again, item by item. */
type Loss = 'memory' | 'hung' | 'cut'

export interface Progress {
  end: End
  /** What the guest says came of the batch; empty when the confinement is gone. */
  answer: string
  /** Time that the plugin computed. */
  cpuMs: number
}

export interface Confined {
  /** Answers the ids of the agents that have a handler; rejects with what the plugin threw. */
  open(): Promise<string>
  /**
   * Runs items `from` to `to` of a JSON batch, for at most `timeoutMs` all together. An empty text stands for the
   * batch of before; a confinement that was lost is made anew.
   */
  run(agent: string, batch: string, from: number, to: number, timeoutMs: number): Promise<Progress>
  /** Hands an item the answer to its call and lets it go on. */
  settle(call: GuestCall, isAnswer: boolean, body: string, timeoutMs: number): Promise<Progress>
  /** What else came of the batch. */
  collect(): Promise<Progress>
  /** The text of the next call that an item made; empty when there is none. */
  nextCall(): Promise<string>
  /** Forgets an item that nobody waits for any more. */
  abandon(item: number): Promise<void>
  /** Processor time that it used since it was opened. */
  cpuUs(): number
  close(): void
}

/** A call as the guest counts it. */
export interface GuestCall {
  item: number
  number: number
}

export const told = (end: 'answered' | 'timeout', answer: unknown, cpuMs: number): Progress => ({
  end,
  answer: String(answer).slice(0, answerCharsMax + 1),
  cpuMs,
})

export const gone = (end: Loss): Progress => ({ end, answer: '', cpuMs: 0 })
