/** What a cell can hold: one plugin, confined in the way of its tier. */

/** What a plugin may keep in memory where its backend can bound it. */
export const memoryMb = 16

/** How a run over some items of a batch ended. */
export type RunEnd =
  | { end: 'answered'; finished: number; open: boolean; json: string }
  | { end: 'timeout'; finished: number; json: string }
  | { end: 'memory' }

export interface Confined {
  /** Answers the ids of the agents that have a handler; rejects with what the plugin threw. */
  open(): Promise<string>
  /** Runs items `from` to `to` of a JSON batch, for at most `timeoutMs` all together. */
  run(agent: string, batch: string, from: number, to: number, timeoutMs: number): Promise<RunEnd>
  /** Processor time that it used since it was opened. */
  cpuUs(): number
  close(): void
}

/** Reads what a guest's `start` or `collect` said. */
export function ended(end: 'answered' | 'timeout', answer: string): RunEnd {
  const [count = '', open = ''] = answer.slice(0, 32).split(':', 2)
  const finished = Number(count)
  const json = answer.slice(count.length + open.length + 2)
  return end === 'answered' ? { end, finished, open: open === '1', json } : { end, finished, json }
}
