import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pino from 'pino'
import { connect } from '../../blackboard/connect.ts'
import { migrate } from '../../blackboard/migrate.ts'
import { openSlateboard, type OpenOptions, type Slateboard } from '../../core/open.ts'
import { readPackage } from '../../core/host/package.ts'
import type { IncomingEvent } from '../../core/model/event.ts'
import { startPostgres } from '../support/postgres.ts'

/** A durable Postgres 18 of its own and a Slateboard on it. */
export interface Bench extends AsyncDisposable {
  app: Slateboard
  url: string
  engine: string
  /** For another node on the same database. */
  masterKey: Buffer
}

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'error' })

/** @param settings of the server, beyond its size */
export async function openBench(
  options: Partial<OpenOptions> = {},
  settings: Record<string, string> = {},
): Promise<Bench> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(
    await startPostgres({
      durable: true,
      // What any server of this size is given; the defaults are for a machine of 1 GB.
      settings: {
        shared_buffers: '1GB',
        max_wal_size: '4GB',
        effective_cache_size: '8GB',
        ...settings,
      },
    }),
  )
  const url = server.url('postgres')
  const db = stack.use(await connect({ databaseUrl: url, dataDir: '', log }))
  await migrate(db)
  const masterKey = randomBytes(32)
  const app = stack.use(
    await openSlateboard({
      db,
      log,
      masterKey,
      channels: {
        webhook: { allowPrivate: true },
        email: { smtpUrl: null, from: 'bench@example.org' },
      },
      ...options,
    }),
  )
  const held = stack.move()
  return {
    app,
    url,
    masterKey,
    engine: 'postgres 18, fsync on',
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** Installs a plugin of the bench's own. */
export async function installBenchPlugin(app: Slateboard, name: string): Promise<void> {
  const pkg = await readPackage(join(import.meta.dirname, 'plugin', name))
  await app.registry.install(app.workspaceId, pkg, 'bench')
}

/** A track call of one customer, as it is after parsing. */
export function trackOf(app: Slateboard, user: string, name: string, n: number): IncomingEvent {
  const now = app.board.clock.now()
  return {
    messageId: app.board.clock.id(),
    type: 'track',
    name,
    identifiers: [{ namespace: 'user_id', value: user }],
    traits: {},
    properties: { n },
    context: {},
    timestamp: now,
    originalTimestamp: null,
    sentAt: null,
    receivedAt: now,
  }
}

/** Runs `work` over chunks of `items`, one after the other. */
export async function inChunks<T>(
  items: readonly T[],
  size: number,
  work: (chunk: T[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += size) await work(items.slice(at, at + size))
}

export const source = { id: 'bench', workspaceId: 1 }
