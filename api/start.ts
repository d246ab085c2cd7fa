import { confirmConsent } from '../core/flow/confirmConsent.ts'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import { createActions } from '../core/actions.ts'
import { ensureAdmin } from '../core/admin/ensureAdmin.ts'
import type { Config } from '../core/config.ts'
import { createIngestPort } from '../core/flow/ingest/sources.ts'
import { watchPlugins } from '../core/host/watch.ts'
import type { Keys } from '../core/keys.ts'
import { openSlateboard, type Slateboard } from '../core/open.ts'
import { createDoorkeeper } from '../core/read/authenticate.ts'
import { openReceiver, type Receiver } from './demo/receiver.ts'
import { auditRoutes } from './route/audit.ts'
import { consoleRoutes } from './route/console.ts'
import { openDsrRoutes } from './route/openDsr.ts'
import { readOpenDsr } from './openDsr.ts'
import { erasureRoutes } from './route/erasure.ts'
import { subjectRoutes } from './route/subject.ts'
import { confirmRoutes } from './route/confirm.ts'
import { ingestRoutes } from './route/ingest.ts'
import { createApp, listen } from './server.ts'

export interface Opened extends AsyncDisposable {
  slateboard: Slateboard
  fetch(request: Request): Response | Promise<Response>
  adminKey: string
  /** Says that it is stopping: `/health/ready` answers 503 from now on. */
  stopping(): void
}

export interface OpenAllOptions {
  /** False leaves the flow to another process. */
  works: boolean
  /** Takes the webhooks that name no destination when the configuration has no place for them. */
  receiver?: Receiver | undefined
}

/** Everything behind the socket: opened by the server, and by a command when no server runs. */
export async function openAll(
  config: Config,
  keys: Keys,
  log: Logger,
  { works, receiver }: OpenAllOptions,
): Promise<Opened> {
  await using stack = new AsyncDisposableStack()
  const slateboard = stack.use(
    await openSlateboard({
      log,
      works,
      masterKey: keys.masterKey,
      databaseUrl: config.databaseUrl,
      dataDir: config.dataDir,
      channels: {
        webhook: {
          allowPrivate: config.allowPrivateDestinations,
          // Nothing else on this machine becomes reachable by it.
          allowHosts: receiver ? [receiver.host] : [],
          defaultUrl: config.webhookUrl ?? receiver?.url ?? null,
        },
        email: { smtpUrl: config.smtpUrl ?? null, from: config.mailFrom },
      },
      trustedPlugins: config.trustedPlugins,
      agendaMax: config.agendaMax,
      tracing: config.tracing,
      openDsr: readOpenDsr(config),
    }),
  )
  const { board, workspaceId, intake, metrics } = slateboard
  await ensureAdmin(board, workspaceId, keys.adminKey)
  const door = createDoorkeeper(board, slateboard.policies)
  const reasons = new Set<string>()
  const app = createApp({
    board,
    door,
    actions: createActions(slateboard),
    metrics: metrics.registry,
    unready: () => [...reasons],
    routes: [
      ingestRoutes({
        port: createIngestPort(board, intake, slateboard.pressure),
        clock: board.clock,
        log,
      }),
      auditRoutes(door),
      confirmRoutes((token) => confirmConsent(board, null, token)),
      erasureRoutes(door),
      subjectRoutes(door),
      openDsrRoutes(door, slateboard.openDsr),
      consoleRoutes(),
    ],
    production: config.production,
  })
  const held = stack.move()
  return {
    slateboard,
    fetch: app.fetch,
    adminKey: keys.adminKey,
    stopping: () => void reasons.add('the server is stopping'),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

export interface Started extends Opened {
  url: string
  /** True when the embedded database was made by this start. */
  isNew: boolean
  /** Stands in for webhooks. */
  receiver: Receiver | undefined
}

/**
 * Opens everything and listens. Disposing drains in reverse: no new requests first, the database last.
 *
 * @param demo opens a receiver for webhooks, where the database is embedded and no other is configured
 */
export async function startServer(
  config: Config,
  keys: Keys,
  log: Logger,
  demo: boolean,
): Promise<Started> {
  await using stack = new AsyncDisposableStack()
  const isLonely = config.databaseUrl === undefined && config.webhookUrl === undefined
  const receiver = demo && isLonely ? stack.use(await openReceiver()) : undefined
  const isNew = config.databaseUrl === undefined && !existsSync(join(config.dataDir, 'database'))
  const opened = stack.use(
    await openAll(config, keys, log, { works: config.role !== 'api', receiver }),
  )
  const listening = stack.use(await listen(opened, config))
  const file = join(config.dataDir, 'server.json')
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  await writeFile(file, JSON.stringify({ url: listening.url, pid: process.pid }))
  stack.defer(() => rm(file, { force: true }))
  // Plugins of before run already; what is new in the folder need not keep anyone waiting.
  const { slateboard } = opened
  const folder = config.pluginsDir === undefined ? undefined : resolve(config.pluginsDir)
  if (folder !== undefined && config.role !== 'api' && existsSync(folder)) {
    const { workspaceId, registry } = slateboard
    stack.use(await watchPlugins(folder, workspaceId, registry, log))
  }
  stack.defer(() => opened.stopping())
  const held = stack.move()
  return {
    ...opened,
    url: listening.url,
    isNew,
    receiver,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
