import type { ExecutionResult } from 'graphql'
import type { Context } from 'hono'
import type { Logger } from 'pino'
import { fail } from '../../core/errors.ts'
import { readTrace } from '../../core/model/trace.ts'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import type { Reader } from '../../core/read/reader.ts'
import type { Actions } from '../graph/context.ts'
import { execute } from '../graph/execute.ts'
import { maskErrors } from '../graph/failure.ts'
import type { Graph } from '../graph/graph.ts'

/** The key of an `Authorization: Bearer` header; undefined when there is none. */
export const bearerOf = (header: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(header ?? '')?.[1]

/** @throws unauthorized */
export async function admit(door: Doorkeeper, header: string | undefined): Promise<Reader> {
  const key = bearerOf(header)
  const reader = key === undefined ? undefined : await door.admit(key)
  if (!reader) throw fail('unauthorized')
  return reader
}

interface GraphRoute {
  graph: Graph
  door: Doorkeeper
  actions: Actions
  production: boolean
  log: Logger
}

const jsonBytesMax = 1_000_000

/** GET shows GraphiQL outside production; anything that reads or writes is a POST with a key. */
export async function answerGraph(
  c: Context,
  { graph, door, actions, production, log }: GraphRoute,
  requestId: string,
): Promise<Response> {
  const isPage = c.req.method === 'GET' && !production && c.req.query('query') === undefined
  if (isPage && c.req.header('accept')?.includes('text/html'))
    return copy(c, await graph.fetch(c.req.raw))
  const reader = await admit(door, c.req.header('authorization'))
  const trace = readTrace(c.req.header('traceparent'))
  const context = { reader, actions, requestId, trace, renew: () => door.renew(reader) }
  if (!isPlain(c)) {
    return copy(c, await graph.fetch(c.req.raw, { ...context, signal: c.req.raw.signal }))
  }
  const result = await execute(graph, { ...context, signal: never }, await c.req.text())
  const { status, type } = formOf(c, result)
  return c.body(JSON.stringify(maskErrors(result, requestId, log)), status, {
    'Content-Type': type,
  })
}

// Only a subscription looks at its signal.
const never = new AbortController().signal

/** A JSON request of known, modest size that does not ask for a stream: nearly all of them. */
function isPlain({ req }: Context): boolean {
  const length = Number(req.header('content-length') ?? Number.NaN)
  return (
    req.method === 'POST' &&
    length <= jsonBytesMax &&
    (req.header('content-type')?.startsWith('application/json') ?? false) &&
    !req.header('accept')?.includes('text/event-stream')
  )
}

/** GraphQL over HTTP: a request that could not be executed is 400 in the newer media type only. */
function formOf({ req }: Context, result: ExecutionResult) {
  const type = 'application/graphql-response+json'
  if (!req.header('accept')?.includes(type)) {
    return { status: 200, type: 'application/json; charset=utf-8' } as const
  }
  return { status: 'data' in result ? 200 : 400, type: `${type}; charset=utf-8` } as const
}

/** With the headers set so far; those of a finished answer can only be changed at a cost. */
export function copy(c: Context, answer: Response): Response {
  for (const [name, value] of answer.headers) c.header(name, value)
  return c.newResponse(answer.body, answer)
}
