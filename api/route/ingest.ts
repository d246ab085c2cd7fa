import { Hono, type Context } from 'hono'
import { cors } from 'hono/cors'
import type { Clock } from '../../core/clock.ts'
import { asSlateboardError, fail, type SlateboardError } from '../../core/errors.ts'
import { bodyBytesMax, parseItems, readBody, type CallType } from '../../core/flow/ingest/batch.ts'
import type { ParsedItem, Rejection } from '../../core/flow/ingest/item.ts'
import type { IngestPort, Source } from '../../core/flow/ingest/port.ts'
import { parseReceipts } from '../../core/flow/ingest/receipt.ts'
import {
  receiptDialects,
  type IncomingEvent,
  type ItemResult,
  type ItemWarning,
  type ReceiptDialect,
} from '../../core/model/event.ts'
import type { JsonObject } from '../../core/model/json.ts'
import { readTrace } from '../../core/model/trace.ts'
import { readBytes } from './body.ts'
import { answerFailure } from './failure.ts'
import { writeKeysOf } from './writeKey.ts'

export interface IngestDeps {
  port: IngestPort
  clock: Clock
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
}

/** The one-letter paths are those of analytics.js. */
const calls: Readonly<Record<string, CallType>> = {
  identify: 'identify',
  track: 'track',
  page: 'page',
  screen: 'screen',
  group: 'group',
  alias: 'alias',
  batch: 'batch',
  import: 'import',
  i: 'identify',
  t: 'track',
  p: 'page',
  s: 'screen',
  g: 'group',
  a: 'alias',
  b: 'batch',
}

/**
 * The Segment HTTP tracking API as unmodified clients use it. 200 means that what was accepted is
 * committed; an item that cannot be used is reported in the body and does not fail its batch, because
 * clients drop a whole batch on 4xx.
 */
export function ingestRoutes(deps: IngestDeps): Hono {
  const app = new Hono()
  const allowHeaders = [
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'X-Retry-Count',
    'X-Write-Key',
    'traceparent',
  ]
  app.use('/v1/*', cors({ origin: '*', allowHeaders, exposeHeaders: ['Retry-After'], maxAge: 600 }))
  for (const [path, call] of Object.entries(calls)) {
    app.post(`/v1/${path}`, (c) => acceptCall(deps, c, call))
  }
  for (const dialect of receiptDialects) {
    app.post(`/v1/consent/${dialect}`, (c) => acceptReceipts(deps, c, dialect))
  }
  app.get('/v1/pixel/:method', (c) => acceptPixel(deps, c))
  app.get('/v1/projects/:writeKey/settings', (c) => showSettings(deps, c))
  app.onError((thrown, c) => {
    const requestId = requestIdOf(c) ?? deps.clock.id()
    const { code, status } = asSlateboardError(thrown)
    // Never the error itself: a driver's text may quote personal data. The name of the cause is enough.
    if (status >= 500) deps.log.error({ code, requestId, cause: causeOf(thrown) }, 'ingest failed')
    return answerFailure(c, thrown, requestId)
  })
  return app
}

/** The id that the server gave the request; none where these routes stand alone. */
const requestIdOf = (c: Context): string | undefined => {
  const given: unknown = c.get('requestId')
  return typeof given === 'string' ? given : undefined
}

const causeOf = (thrown: unknown): string =>
  thrown instanceof Error
    ? `${thrown.name}${thrown.cause instanceof Error ? `: ${thrown.cause.name}` : ''}`
    : typeof thrown

async function acceptCall(deps: IngestDeps, c: Context, call: CallType): Promise<Response> {
  const body = readBody(await readBytes(c.req.raw, bodyBytesMax(call)))
  const source = await findSource(deps.port, c.req.raw.headers, body.json)
  deps.port.demandRoom(source)
  const items = parseItems(call, body, deps.clock, carriesGpc(c.req.raw.headers))
  return c.json(await accept(deps, c, source, items))
}

/** Consent receipts of other platforms, answered like a batch. */
async function acceptReceipts(
  deps: IngestDeps,
  c: Context,
  dialect: ReceiptDialect,
): Promise<Response> {
  const body = readBody(await readBytes(c.req.raw, bodyBytesMax('batch')))
  const source = await findSource(deps.port, c.req.raw.headers, body.json)
  return c.json(await accept(deps, c, source, parseReceipts(dialect, body, deps.clock)))
}

/** Global Privacy Control: exactly `1` counts, and of several headers any does. */
const carriesGpc = (headers: Headers): boolean =>
  headers
    .get('sec-gpc')
    ?.split(',')
    .some((value) => value.trim() === '1') ?? false

async function findSource(port: IngestPort, headers: Headers, body: JsonObject): Promise<Source> {
  for (const key of writeKeysOf(headers, body)) {
    const source = await port.findSource(key)
    if (source) return source
  }
  throw fail('write_key_unknown')
}

interface Receipt {
  success: true
  ok: true
  accepted: number
  duplicates: number
  rejected: (Omit<Rejection, 'status'> & { index: number })[]
  /** What accepted items said and was not written; absent when all of it was. */
  warnings?: (ItemWarning & { index: number; messageId: string })[]
}

/** What the events lead to is part of the trace that the request is part of, if it says so. */
async function accept(
  { port }: IngestDeps,
  c: Context,
  source: Source,
  items: readonly ParsedItem[],
): Promise<Receipt> {
  const events = items.flatMap((item) => ('ok' in item ? [item.ok] : []))
  const trace = readTrace(c.req.header('traceparent'))
  const results = events.length > 0 ? await port.submit(source, events, trace) : []
  return receiptOf(items, events, results)
}

function receiptOf(
  items: readonly ParsedItem[],
  events: readonly IncomingEvent[],
  results: readonly ItemResult[],
): Receipt {
  const receipt: Receipt = { success: true, ok: true, accepted: 0, duplicates: 0, rejected: [] }
  const stored = results.values()
  if (results.length !== events.length) throw fail('internal')
  for (const [index, item] of items.entries()) {
    const result = 'ok' in item ? stored.next().value : item.rejected
    if (result?.status === 'accepted') {
      receipt.accepted += 1
      const { messageId } = result
      for (const warning of result.warnings ?? []) {
        receipt.warnings ??= []
        receipt.warnings.push({ index, messageId, ...warning })
      }
    }
    if (result?.status === 'duplicate') receipt.duplicates += 1
    if (result?.status === 'rejected') {
      const { messageId, code, message, remedy } = result
      receipt.rejected.push({ index, messageId, code, message, remedy })
    }
  }
  return receipt
}

const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

/** For e-mail and pages without script: whatever happens, the answer is the image. */
async function acceptPixel(deps: IngestDeps, c: Context): Promise<Response> {
  try {
    const call = calls[c.req.param('method') ?? '']
    const body = readBody(pixelData(c.req.query('data') ?? ''))
    const { headers } = c.req.raw
    if (call) {
      const source = await findSource(deps.port, headers, body.json)
      await accept(deps, c, source, parseItems(call, body, deps.clock, carriesGpc(headers)))
    }
  } catch (thrown) {
    const error: SlateboardError = asSlateboardError(thrown)
    deps.log.warn({ code: error.code }, 'a pixel was not accepted')
  }
  c.header('Cache-Control', 'no-store')
  return c.body(gif, 200, { 'Content-Type': 'image/gif' })
}

function pixelData(data: string): Uint8Array {
  const isPlain = data.trimStart().startsWith('{')
  return isPlain ? Buffer.from(data) : Buffer.from(data, 'base64url')
}

/** analytics.js asks here where to send events: back to the address that it asked. */
async function showSettings({ port }: IngestDeps, c: Context): Promise<Response> {
  const apiKey = c.req.param('writeKey') ?? ''
  if (!(await port.findSource(apiKey)))
    throw fail('not_found', { what: 'source with this write key' })
  const { host, protocol } = new URL(c.req.url)
  const forwarded = c.req.header('x-forwarded-proto')
  const scheme = forwarded === 'https' ? 'https' : protocol.slice(0, -1)
  c.header('Cache-Control', 'no-store')
  return c.json({
    integrations: { 'Segment.io': { apiKey, apiHost: `${host}/v1`, protocol: scheme } },
  })
}
