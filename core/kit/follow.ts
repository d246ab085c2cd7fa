import { watch } from 'node:fs'

// Editors write a file in several steps.
const settleMs = 100

/** Calls `work` after each change below the folder, one call at a time, until the signal aborts. */
export async function followFolder(
  folder: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(work)
      running.catch(reject)
    }, settleMs)
  })
  watcher.on('error', reject)
  signal.addEventListener('abort', () => resolve(), { once: true })
  if (signal.aborted) resolve()
  try {
    await promise
    await running
  } finally {
    watcher.close()
    clearTimeout(timer)
  }
}
