import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { lockFolder } from './folder-lock.ts'

/** Postgres inside this process, reached through a socket that only this user can open. */
export interface Embedded extends AsyncDisposable {
  /** Connection options for postgres.js. One connection: with two, concurrent transactions break. */
  readonly options: Address & { database: string; user: string; max: 1 }
}

type Address = { path: string } | { host: string; port: number }

/**
 * Opens the embedded database in a folder, or in memory.
 *
 * PGlite's own defaults lose committed data in a power cut: it starts Postgres with `-F` (fsync off)
 * and its folder file system has no fsync at all. Here both are on, which costs 0.2 ms a commit
 * (measured 0.65 ms with, 0.42 ms without). `isDurable: false` is for tests, which nobody loses anything with: a
 * copy of a folder opens in 0.2 s then.
 *
 * Fails with `database_locked` when another process has the folder open.
 */
export async function openEmbedded(
  dataDir: string,
  { isDurable = true }: { isDurable?: boolean } = {},
): Promise<Embedded> {
  await using stack = new AsyncDisposableStack()
  const database = await openDatabase(dataDir, isDurable, stack)
  stack.defer(() => database.close())
  const options = await listen(database, stack)
  const held = stack.move()
  return {
    options: { ...options, database: 'postgres', user: 'postgres', max: 1 },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

async function openDatabase(
  dataDir: string,
  isDurable: boolean,
  stack: AsyncDisposableStack,
): Promise<PGlite> {
  if (dataDir === 'memory') return PGlite.create()
  stack.use(lockFolder(dataDir))
  const folder = join(dataDir, 'database')
  if (!existsSync(folder)) await initialise(folder)
  return PGlite.create(isDurable ? durable(folder) : passing(folder))
}

/** A crash in the middle of initdb must not leave half a database under the final name. */
async function initialise(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const database = await PGlite.create(durable(unfinished))
  await database.close()
  renameSync(unfinished, folder)
  flushFolder(join(folder, '..'))
}

function durable(folder: string): PGliteOptions {
  return {
    fs: new DurableNodeFS(folder),
    relaxedDurability: false,
    startParams: [
      ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
      '-c',
      'fsync=on',
      // fdatasync is an empty stub in this build; only fsync reaches the file system below.
      '-c',
      'wal_sync_method=fsync',
    ],
  }
}

/** Zeroing the default of 128 MB of buffers is two thirds of the time that a start takes. */
const passing = (folder: string): PGliteOptions => ({
  fs: new NodeFS(folder),
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
})

/** The folder file system with the fsync that it lacks. */
class DurableNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...args)
    const preRun = [
      ...(emscriptenOpts.preRun ?? []),
      (module: { FS: { filesystems: { NODEFS: NodeFiles } } }) => {
        addFsync(module.FS.filesystems.NODEFS)
      },
    ]
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }
}

interface NodeFiles {
  stream_ops: { fsync?: (stream: { nfd?: number; node: object }) => number }
  realPath(node: object): string
}

function addFsync(files: NodeFiles): void {
  files.stream_ops.fsync = ({ nfd, node }) => {
    if (nfd === undefined) flushFolder(files.realPath(node))
    else fsyncSync(nfd)
    return 0
  }
}

function flushFolder(path: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** The folder of the socket has mode 0700 and a short path: socket paths end at about 100 characters. */
async function listen(database: PGlite, stack: AsyncDisposableStack): Promise<Address> {
  // A few slots more than the one client: its cancel requests and a reconnection that overlaps the old one.
  const maxConnections = 4
  if (process.platform === 'win32') {
    const server = new PGLiteSocketServer({
      db: database,
      host: '127.0.0.1',
      port: 0,
      maxConnections,
    })
    await server.start()
    stack.defer(() => server.stop())
    const [host = '', port = ''] = server.getServerConn().split(':')
    return { host, port: Number(port) }
  }
  const folder = await mkdtemp(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'slate-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, '.s.PGSQL.5432')
  const server = new PGLiteSocketServer({ db: database, path, maxConnections })
  await server.start()
  stack.defer(() => server.stop())
  return { path }
}
