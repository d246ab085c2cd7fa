import type { Logger } from 'pino'
import { trouble } from '../trouble.ts'

export interface Repeating extends AsyncDisposable {
  /** Runs as soon as the current run ended, without waiting. */
  rouse(): void
  /** Resolves after a run that began later than this call and found nothing to do. */
  idle(): Promise<void>
}

/**
 * Runs work again and again: at once while it finds something (a count above 0), else after `ms` or when
 * roused. A failure is logged and tried again after `ms`.
 */
export function repeat(
  name: string,
  ms: number,
  log: Logger,
  work: () => Promise<number>,
): Repeating {
  const waiting = new Set<() => void>()
  let stopped = false
  let isRoused = false
  let wake = (): void => undefined

  const rest = async (): Promise<void> => {
    if (!isRoused) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
    }
    isRoused = false
  }
  const run = async (): Promise<void> => {
    while (!stopped) {
      const asking = [...waiting]
      try {
        const found = await work()
        if (found > 0) continue
        for (const resolve of asking) {
          waiting.delete(resolve)
          resolve()
        }
      } catch (thrown) {
        log.warn({ step: name, ...trouble(thrown) }, 'a step failed and is tried again')
      }
      if (!stopped) await rest()
    }
  }
  const running = run()
  const rouse = (): void => {
    isRoused = true
    wake()
  }
  return {
    rouse,
    idle() {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      rouse()
      return promise
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      rouse()
      await running
      for (const resolve of waiting) resolve()
    },
  }
}
