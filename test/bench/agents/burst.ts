import { startFlow } from '../../../core/flow/flow.ts'
import type { WorkerOptions } from '../../../core/flow/react/worker.ts'
import type { Slateboard } from '../../../core/open.ts'

export interface Drained {
  /** Reactions that ended. */
  reactions: number
  /** Those and what had to run again, since what it had read had changed. */
  runs: number
  seconds: number
}

/** Starts the flow on what waits on the agenda and lets it work until nothing is left. */
export async function drain(
  app: Slateboard,
  options: Partial<WorkerOptions> = {},
): Promise<Drained> {
  let runs = 0
  const deafen = app.board.signals.onRan(({ items }) => {
    runs += items
  })
  const started = performance.now()
  await using flow = startFlow(app, options)
  await flow.worker.idle()
  const seconds = (performance.now() - started) / 1000
  deafen()
  return { reactions: flow.worker.counts.committed, runs, seconds }
}
