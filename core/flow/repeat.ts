import type { Logger } from 'pino'
import { trouble } from '../trouble.ts'
import { Alarm } from './alarm.ts'

export interface Repeating extends AsyncDisposable {
  /** Runs as soon as the current run ended, without waiting. */
  rouse(): void
  /** Resolves after a run that began later than this call and found nothing to do. */
  idle(): Promise<void>
}

/**
 * Runs work again and again: at once while it finds something (a count above 0), else after `ms` or when
 * roused. A failure is logged and tried again after `ms`. With `rest`, what found little waits for more first.
 */
export function repeat(
  name: string,
  ms: number,
  log: Logger,
  work: () => Promise<number>,
  rest: { ms: number; below: number } = { ms: 0, below: 0 },
): Repeating {
  const waiting = new Set<() => void>()
  const alarm = new Alarm()
  const stop = new AbortController()
  // Cut short only by who waits for it: what rouses it is what it rests for.
  const pause = new Alarm()

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const asking = [...waiting]
      try {
        const found = await work()
        if (found > 0) {
          const isHurried = waiting.size > 0 || stop.signal.aborted
          if (found < rest.below && !isHurried) await pause.rest(rest.ms)
          continue
        }
        for (const resolve of asking) {
          waiting.delete(resolve)
          resolve()
        }
      } catch (thrown) {
        log.warn({ step: name, ...trouble(thrown) }, 'a step failed and is tried again')
      }
      if (!stop.signal.aborted) await alarm.rest(ms)
    }
  }
  const running = run()
  return {
    rouse: alarm.rouse,
    idle() {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      alarm.rouse()
      pause.rouse()
      return promise
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      alarm.rouse()
      pause.rouse()
      await running
      for (const resolve of waiting) resolve()
    },
  }
}
