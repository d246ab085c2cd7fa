import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export type CellProcess = ChildProcessByStdio<Writable, Readable, Readable>

/** What confines the plugins of a cell: isolated-vm, QuickJS in its place, or the process alone. */
export type Backend = 'isolate' | 'quickjs' | 'process'

export interface CellStart {
  backend: Backend
  /** The add-on that the backend `isolate` loads. */
  addon?: string
}

/** The exit code of a cell whose backend does not load on this machine. */
export const unloadableCode = 72

/** Heap of a process that runs a single plugin; V8 ends it beyond. */
export const processHeapMb = 64

const own = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

/** The cell's own code, named one by one: nothing else of the disk can be read from inside. */
const shared = [
  'cell.ts',
  'batch.ts',
  'confined.ts',
  'frame.ts',
  'guest.ts',
  'harden.ts',
  'inbox.ts',
  'recorder.ts',
]
const special: Record<Backend, readonly string[]> = {
  isolate: ['isolate.ts'],
  quickjs: ['quickjs.ts'],
  process: ['realm.ts', 'builtins.ts'],
}

const machinePackages = [
  'quickjs-emscripten-core',
  '@jitl/quickjs-wasmfile-release-sync',
  '@jitl/quickjs-ffi-types',
]

/** What a cell of this kind has to read. */
export function readableIn({ backend, addon }: CellStart): string[] {
  const code = [...shared, ...special[backend]].map(own)
  if (backend === 'isolate') return addon === undefined ? code : [addon, ...code]
  if (backend === 'process') return code
  const require = createRequire(import.meta.url)
  return [...code, ...machinePackages.map((name) => join(folderOf(require, name), '*'))]
}

/** The folder of an installed package, whatever its main file is. */
function folderOf(require: NodeJS.Require, name: string): string {
  const main = require.resolve(name)
  const inside = join('node_modules', ...name.split('/')) + sep
  return main.slice(0, main.lastIndexOf(inside) + inside.length)
}

/**
 * The second wall, behind the isolate: what escapes V8 finds a process without network, file writes,
 * child processes, workers, environment or database. Only isolated-vm needs `--allow-addons`, and once it is
 * loaded nothing else can be (harden.ts). SQLite ignores the permission model and is switched off; V8 flags
 * are frozen because one of them turns WebAssembly bounds checks off.
 */
export const cellFlags = (readable: readonly string[], backend: Backend = 'isolate'): string[] => [
  '--permission',
  ...(backend === 'isolate' ? ['--allow-addons'] : []),
  ...(backend === 'process' ? [`--max-old-space-size=${processHeapMb}`] : []),
  ...readable.map((file) => `--allow-fs-read=${file}`),
  '--no-experimental-sqlite',
  '--disable-sigusr1',
  '--report-exclude-env',
  '--freeze-flags-after-init',
  '--disable-proto=delete',
  '--disable-warning=PERM0001',
]

/** The path of the prebuilt add-on, resolved here so that the cell need not look around for it. */
export function findAddon(): string | undefined {
  try {
    const require = createRequire(import.meta.url)
    const entry = require.resolve('isolated-vm')
    const finder: { path(folder: string): string } = createRequire(entry)('node-gyp-build')
    return finder.path(dirname(entry))
  } catch {
    // No build for this platform, which whoever asks has an answer to.
    return undefined
  }
}

/** Starts a cell; it says `ready` on its standard output once it can load plugins. */
export function spawnCell(start: CellStart): CellProcess {
  const folder = mkdtempSync(join(tmpdir(), 'slateboard-cell-'))
  const flags = cellFlags(readableIn(start), start.backend)
  const args = [...flags, own('cell.ts'), start.backend, start.addon ?? '']
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  child.once('close', () => rmSync(folder, { recursive: true, force: true }))
  return child
}
