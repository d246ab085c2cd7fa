import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { fail } from '../../errors.ts'

export type CellProcess = ChildProcessByStdio<Writable, Readable, Readable>

// The cell's own code, named one by one: nothing else of the disk can be read from inside.
const cellFiles = ['cell.ts', 'batch.ts', 'frame.ts', 'guest.ts', 'inbox.ts', 'isolate.ts'].map(
  (name) => fileURLToPath(new URL(`./${name}`, import.meta.url)),
)

/**
 * The second wall, behind the isolate: what escapes V8 finds a process without network, file writes,
 * child processes, workers, environment or database. `--allow-addons` is needed for isolated-vm; the
 * guest has no `require` to load another. SQLite ignores the permission model and is switched off;
 * V8 flags are frozen because one of them turns WebAssembly bounds checks off.
 */
export const cellFlags = (readable: readonly string[]): string[] => [
  '--permission',
  '--allow-addons',
  ...readable.map((file) => `--allow-fs-read=${file}`),
  '--no-experimental-sqlite',
  '--disable-sigusr1',
  '--report-exclude-env',
  '--freeze-flags-after-init',
  '--disable-proto=delete',
  '--disable-warning=PERM0001',
]

/** The path of the prebuilt add-on, resolved here so that the cell need not look around for it. */
function nativeFile(): string {
  try {
    const require = createRequire(import.meta.url)
    const entry = require.resolve('isolated-vm')
    const finder: { path(folder: string): string } = createRequire(entry)('node-gyp-build')
    return finder.path(dirname(entry))
  } catch (cause) {
    throw fail(
      'sandbox_unavailable',
      { reason: 'isolated-vm has no build for this platform' },
      cause,
    )
  }
}

/** Starts a cell; it says `ready` on its standard output once it can load plugins. */
export function spawnCell(): CellProcess {
  const native = nativeFile()
  const folder = mkdtempSync(join(tmpdir(), 'slateboard-cell-'))
  const cell = cellFiles[0] ?? ''
  const child = spawn(process.execPath, [...cellFlags([native, ...cellFiles]), cell, native], {
    cwd: folder,
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  child.once('close', () => rmSync(folder, { recursive: true, force: true }))
  return child
}
