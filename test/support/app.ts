import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { monotonicFactory } from 'ulid'
import { pino, type Logger } from 'pino'
import { insertPrincipal } from '../../blackboard/query/insertPrincipal.ts'
import { hashKey } from '../../core/admin/key.ts'
import type { Clock } from '../../core/clock.ts'
import type { TracingConfig } from '../../core/config.ts'
import type { WorkerOptions } from '../../core/flow/react/worker.ts'
import { readPackage } from '../../core/host/package.ts'
import type { EventType, IncomingEvent, ItemResult } from '../../core/model/event.ts'
import { normalise } from '../../core/model/identifier.ts'
import type { JsonObject } from '../../core/model/json.ts'
import type { Role } from '../../core/model/principal.ts'
import type { SecretSource } from '../../core/egress/secrets.ts'
import { openSlateboard, type OpenOptions, type Slateboard } from '../../core/open.ts'
import type { OpenDsrOptions } from '../../core/subject/openDsr/openDsr.ts'
import { openTestDatabase, type TestDatabase } from './database.ts'
import { root } from './source.ts'

export interface TestAppOptions {
  /** Absent: email is not configured. */
  smtpUrl?: string
  /** Where webhook activations go that name no destination. */
  webhookUrl?: string
  /** Default true: the receivers of tests are on 127.0.0.1. */
  allowPrivate?: boolean
  clock?: Clock
  /** False starts no step of the flow: the test runs them by hand. */
  works?: boolean
  worker?: Partial<WorkerOptions>
  cells?: number
  log?: Logger
  openDsr?: Partial<OpenDsrOptions>
  /** Secrets of plugins, and what a test needs of their way out. */
  secrets?: SecretSource
  egress?: OpenOptions['egress']
  trustedPlugins?: readonly string[]
  tracing?: TracingConfig | undefined
}

export interface TestApp extends Slateboard {
  db: TestDatabase
  sql: TestDatabase['sql']
  /** Sends events through the real intake; see `identify` and `track`. */
  send(...events: IncomingEvent[]): Promise<ItemResult[]>
  /** Resolves when nothing is pending that could run now. */
  idle(): Promise<void>
  /** Adds a principal to the workspace. */
  principal(role?: Role): Promise<{ id: string; key: string }>
  /** Installs `test/support/plugin/<name>`, or the shipped `plugins/<name>`. */
  install(name: string, from?: 'test/support/plugin' | 'plugins'): Promise<void>
  /** The canonical profile of a user id. */
  profileOf(userId: string): Promise<string>
}

/**
 * The whole platform below the API on a database of its own, closed at the end of the test.
 *
 * @example
 * await using app = await openTestApp()
 * await app.send(identify('ada', { plan: 'pro' }), track('ada', 'Order Completed', { total: 5 }))
 * await app.idle()
 */
export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  await using stack = new AsyncDisposableStack()
  const {
    smtpUrl = null,
    allowPrivate = true,
    cells = 1,
    log = pino({ level: 'silent' }),
  } = options
  const { clock, works, worker, openDsr, secrets, egress, trustedPlugins = [] } = options
  const { tracing } = options
  const db = stack.use(await openTestDatabase())
  const app = stack.use(
    await openSlateboard({
      db,
      cells,
      log,
      trustedPlugins,
      tracing,
      masterKey: randomBytes(32),
      channels: {
        webhook: { allowPrivate, defaultUrl: options.webhookUrl ?? null },
        email: {
          smtpUrl,
          from: 'shop@slateboard.test',
        },
      },
      ...(clock ? { clock } : {}),
      ...(works === undefined ? {} : { works }),
      ...(worker ? { worker } : {}),
      ...(openDsr ? { openDsr } : {}),
      ...(secrets ? { secrets } : {}),
      ...(egress ? { egress } : {}),
    }),
  )
  const { board, workspaceId } = app
  const { sql } = db
  const held = stack.move()
  return {
    ...app,
    db,
    sql,
    send: (...events) =>
      app.intake.submit(
        {
          id: 'test',
          workspaceId,
        },
        events,
      ),
    idle: async () => app.flow?.idle(),
    async principal(role = 'admin') {
      const id = board.clock.id()
      const key = `sb_${id}_test`
      const at = board.clock.now().toISOString()
      const row = {
        id,
        name: role,
        role,
        purposes: [],
        keyHash: hashKey(key),
        at,
      }
      await insertPrincipal(sql, {
        workspaceId,
        ...row,
      })
      return {
        id,
        key,
      }
    },
    async install(name, from = 'test/support/plugin') {
      const plugin = await readPackage(join(root, from, name))
      await app.registry.install(workspaceId, plugin, 'system')
    },
    async profileOf(userId) {
      const [row] = await sql<
        {
          id: string
        }[]
      >`
        select canonical_id as id from profile join identifier i on i.profile_id = profile.id
        where i.namespace = 'user_id' and i.value = ${userId}`
      if (!row) throw new TypeError(`nobody is known as ${userId}`)
      return row.id
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

const nextId = monotonicFactory()

/** An identify call. An `email` or `phone` among the traits identifies as well, as on the wire. */
export function identify(
  userId: string,
  traits: JsonObject = {},
  changes: Partial<IncomingEvent> = {},
): IncomingEvent {
  const contacts = ['email', 'phone'].flatMap((namespace) => {
    const value = traits[namespace]
    return typeof value === 'string' ? (normalise({ namespace, value }) ?? []) : []
  })
  const call = event('identify', userId)
  return { ...call, traits, identifiers: [...call.identifiers, ...contacts], ...changes }
}

/** A track call. */
export const track = (
  userId: string,
  name: string,
  properties: JsonObject = {},
  changes: Partial<IncomingEvent> = {},
): IncomingEvent => ({ ...event('track', userId), name, properties, ...changes })

/** An alias call: both user ids are one person from now on. */
export const alias = (userId: string, previousId: string): IncomingEvent => {
  const call = event('alias', userId)
  const previous = { namespace: 'user_id', value: previousId }
  return { ...call, identifiers: [...call.identifiers, previous] }
}

function event(type: EventType, userId: string): IncomingEvent {
  const at = new Date()
  return {
    messageId: nextId(),
    type,
    name: '',
    traits: {},
    properties: {},
    context: {},
    identifiers: [
      {
        namespace: 'user_id',
        value: userId,
      },
    ],
    timestamp: at,
    receivedAt: at,
    originalTimestamp: null,
    sentAt: null,
  }
}

export interface TestClock extends Clock {
  advance(ms: number): void
}

/** Time that stands still until moved. Ids go on. */
export function testClock(start = new Date()): TestClock {
  let now = start
  return {
    now: () => now,
    id: () => nextId(),
    advance(ms) {
      now = new Date(now.getTime() + ms)
    },
  }
}
