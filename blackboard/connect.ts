import type { Sql } from 'postgres'
import { fail } from '../core/errors.ts'
import { postgres } from './driver.ts'
import { openEmbedded } from './embedded.ts'
import { asDatabaseError } from './failure.ts'

export interface Database extends AsyncDisposable {
  /** The postgres.js handle. Inside a transaction use the transaction's own handle and never this one. */
  readonly sql: Sql
  readonly engine: 'embedded' | 'server'
  /** Statements that can run at the same time; 1 when embedded. */
  readonly maxConnections: number
}

export interface ConnectOptions {
  /** Absent: the embedded database in `dataDir`. */
  databaseUrl?: string | undefined
  /** A folder, or `memory`. */
  dataDir: string
  maxConnections?: number
  statementTimeoutMs?: number
  /** Every connection acts as this role; absent, as the one that logged in. */
  role?: string
  /** Of the embedded database; default true. See `openEmbedded`. */
  isDurable?: boolean
  log: { info(fields: object, message: string): void }
}

const oldestVersion = 15

/**
 * Opens the database and makes sure that it answers and is new enough.
 *
 * `int8` arrives as number (our counts stay below 2^53), `timestamptz` as Date. JSON is sent as it is
 * when it already is text and stringified otherwise, so it cannot be encoded twice.
 *
 * Fails with `database_unavailable`, `database_too_old` or `database_locked`. No failure quotes the
 * password: the driver's error is kept as cause only.
 */
export async function connect(options: ConnectOptions): Promise<Database> {
  await using stack = new AsyncDisposableStack()
  const sql = options.databaseUrl
    ? openServer(options.databaseUrl, options)
    : await openFolder(options, stack)
  stack.defer(() => sql.end({ timeout: 5 }))
  const version = await serverVersion(sql)
  const engine = options.databaseUrl ? 'server' : 'embedded'
  options.log.info({ engine, version }, 'database ready')
  const held = stack.move()
  return {
    sql,
    engine,
    maxConnections: sql.options.max,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

async function openFolder(
  { dataDir, isDurable = true }: ConnectOptions,
  stack: AsyncDisposableStack,
): Promise<Sql> {
  const embedded = stack.use(await openEmbedded(dataDir, { isDurable }))
  // PGlite has no second process that could cancel a statement, so timeouts do not work there. It takes no
  // settings on connecting either; its one session keeps those that are set.
  const sql = postgres({ ...embedded.options, ...clientSettings })
  for (const [name, value] of Object.entries(planner)) await sql.unsafe(`set ${name} = ${value}`)
  return sql
}

function openServer(
  url: string,
  { maxConnections = 12, statementTimeoutMs = 30_000, role }: ConnectOptions,
): Sql {
  try {
    const address = addressOf(url)
    return postgres(address.url, {
      ...address.socket,
      ...clientSettings,
      max: maxConnections,
      connection: {
        application_name: 'slateboard',
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: 60_000,
        ...planner,
        ...(role === undefined ? {} : { role }),
      },
    })
  } catch {
    // The driver's error would quote the address, and the address holds the password.
    throw fail('database_unavailable', { reason: 'DATABASE_URL is not a usable address' })
  }
}

/** `?host=/folder`, libpq's way to name a unix socket, which the driver would send to the server instead. */
function addressOf(url: string): { url: string; socket: { host?: string } } {
  const address = new URL(url)
  const host = address.searchParams.get('host')
  if (!host?.startsWith('/')) return { url, socket: {} }
  address.searchParams.delete('host')
  return { url: address.href, socket: { host } }
}

const jsonText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/**
 * Every hot statement names the keys it wants. While a table is small or was never analysed, Postgres would
 * rather read all of it, and keeps that plan when it has grown: 17 ms a statement where the key look-ups take
 * 0.4 ms. Likewise a claim of 200 among 5,000 waiting reactions reads and sorts all of them by a bitmap scan
 * (11 ms, growing with the backlog) where the index gives them in order. What is better off with a scan says
 * so in its own transaction.
 */
const planner = { enable_seqscan: 'off', enable_bitmapscan: 'off', jit: 'off' }

const clientSettings = {
  connect_timeout: 10,
  // Seconds. Left alone, the driver counts every connection of a pool that is cut once as one more attempt,
  // and keeps what is asked next waiting for up to twenty.
  backoff: (attempts: number) => Math.min(attempts * 0.02, 1),
  onnotice: () => {},
  types: {
    bigint: { to: 20, from: [20], serialize: String, parse: Number },
    json: { to: 114, from: [114, 3802], serialize: jsonText, parse: JSON.parse },
  },
}

async function serverVersion(sql: Sql): Promise<number> {
  const version = await sql<{ version: number }[]>`
    select current_setting('server_version_num')::int / 10000 as version`.then(
    ([row]) => row?.version ?? 0,
    (thrown: unknown) => {
      throw asDatabaseError(thrown)
    },
  )
  if (version < oldestVersion) throw fail('database_too_old', { version })
  return version
}
