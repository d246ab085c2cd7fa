import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fail } from '../core/errors.ts'

/**
 * Takes a data folder for this process until disposed; creates the folder with mode 0700 when missing.
 *
 * The lock is a file lock of the kernel, taken through SQLite because Node offers none itself. It dies
 * with its process, so a crash leaves nothing stale, and a recycled process id (each container starts
 * at 1) cannot be taken for the former holder. The pid beside it only names the holder in the refusal.
 *
 * Fails with `database_locked` when another process or another call in this one holds the folder.
 */
export function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pidFile = join(folder, 'slateboard.pid')
  const lock = new DatabaseSync(join(folder, 'slateboard.lock'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (thrown) {
    lock.close()
    throw fail('database_locked', { folder, holder: holderNamedIn(pidFile) }, thrown)
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return { [Symbol.dispose]: () => lock.close() }
}

function holderNamedIn(pidFile: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(pidFile, 'utf8'), 10)}`
  } catch {
    return 'another process'
  }
}
