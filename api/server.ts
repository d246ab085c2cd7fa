import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Registry } from 'prom-client'
import { Histogram } from 'prom-client'
import type { Board } from '../core/board.ts'
import { fail } from '../core/errors.ts'
import { asFailure } from '../core/read/failure.ts'
import { trouble } from '../core/trouble.ts'
import type { Doorkeeper } from '../core/read/authenticate.ts'
import { demand } from '../core/read/reader.ts'
import type { Actions } from './graph/context.ts'
import { createGraph } from './graph/graph.ts'
import { admit, answerGraph } from './route/graph.ts'

export interface ServerParts {
  board: Pick<Board, 'clock' | 'log'>
  door: Doorkeeper
  actions: Actions
  metrics: Registry
  /** Why the server is not ready yet, in words; empty when it is. */
  unready(): string[]
  /** Other sub-applications, such as ingest and the console, each with its own full paths. */
  routes: readonly Hono[]
  production: boolean
}

/** Of every answer. The console, which shows HTML, adds its own content security policy. */
const commonHeaders = (requestId: string): Record<string, string> => ({
  'X-Request-Id': requestId,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
})

const gpcSince = '2026-11-01'

type App = Hono<{ Variables: { requestId: string } }>

/** The whole HTTP surface. */
export function createApp(parts: ServerParts): App {
  const { board, door, production } = parts
  const { log } = board
  const endpoint = { ...parts, graph: createGraph({ log, production }), log }
  const app: App = new Hono()
  observe(app, parts)
  app.get('/health/live', (c) => c.json({ status: 'ok' }))
  app.get('/health/ready', (c) => {
    const reasons = parts.unready()
    return reasons.length === 0
      ? c.json({ status: 'ok' })
      : c.json({ status: 'unready', reasons }, 503)
  })
  app.get('/.well-known/gpc.json', (c) => c.json({ gpc: true, lastUpdate: gpcSince }))
  app.get('/metrics', async (c) => {
    demand(await admit(door, c.req.header('authorization')), 'read', 'Metric')
    const text = await parts.metrics.metrics()
    return c.body(text, 200, { 'Content-Type': parts.metrics.contentType })
  })
  app.on(['GET', 'POST'], '/graphql', (c) => answerGraph(c, endpoint, c.var.requestId))
  for (const route of parts.routes) app.route('/', route)
  app.notFound((c) => answerFailure(c, fail('not_found', { what: 'page at this address' }), parts))
  app.onError((thrown, c) => answerFailure(c, thrown, parts))
  return app
}

/** Gives each request an id, and writes one line and one observation about it: never query, body or key. */
function observe(app: App, { board, metrics }: ServerParts): void {
  const seconds = new Histogram({
    name: 'slateboard_http_request_seconds',
    help: 'How long requests took, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers: [metrics],
  })
  app.use(async (c, next) => {
    const started = performance.now()
    const requestId = board.clock.id()
    c.set('requestId', requestId)
    for (const [name, value] of Object.entries(commonHeaders(requestId))) c.header(name, value)
    await next()
    const ms = performance.now() - started
    const { method } = c.req
    const route = routePath(c, -1)
    const { status } = c.res
    seconds.observe({ method, route, status }, ms / 1000)
    board.log.info({ requestId, method, route, status, ms: Math.round(ms * 100) / 100 }, 'request')
  })
}

function answerFailure(c: Context, thrown: unknown, { board }: ServerParts): Response {
  const requestId: string = c.var.requestId
  const error = asFailure(thrown)
  if (error.status >= 500) board.log.error({ requestId, ...trouble(thrown) }, 'a request failed')
  const body = { ...error.body(), requestId }
  // A GraphQL client looks for errors where GraphQL has them.
  const { message, ...extensions } = body
  const forGraph = c.req.path === '/graphql' ? { errors: [{ message, extensions }] } : {}
  return Response.json(
    { error: body, ...forGraph },
    {
      status: error.status,
      headers: { ...commonHeaders(requestId), ...adviceHeaders[error.status] },
    },
  )
}

const adviceHeaders: Readonly<Record<number, Record<string, string>>> = {
  401: { 'WWW-Authenticate': 'Bearer' },
  429: { 'Retry-After': '1' },
  503: { 'Retry-After': '5' },
}

export interface Listening extends AsyncDisposable {
  url: string
}

/** Listens until disposed; then takes no more requests, lets those at work finish, and closes. */
export async function listen(
  app: Pick<App, 'fetch'>,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(fail('address_unavailable', { host, port }, cause)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(address) ?? port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if ('closeIdleConnections' in server) server.closeIdleConnections()
      const cut = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections()
      }, drainMs)
      await closed
      clearTimeout(cut)
    },
  }
}

// Subscriptions never end by themselves; they are cut so that a stop keeps within its ten seconds.
const drainMs = 3000

const portOf = (address: AddressInfo | string | null): number | undefined =>
  address !== null && typeof address === 'object' ? address.port : undefined
