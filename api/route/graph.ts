import type { Context } from 'hono'
import { fail } from '../../core/errors.ts'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import type { Reader } from '../../core/read/reader.ts'
import type { Actions } from '../graph/context.ts'
import type { createGraph } from '../graph/yoga.ts'

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
  graph: ReturnType<typeof createGraph>
  door: Doorkeeper
  actions: Actions
  production: boolean
}

/** GET shows GraphiQL outside production; anything that reads or writes is a POST with a key. */
export async function answerGraph(
  c: Context,
  { graph, door, actions, production }: GraphRoute,
  requestId: string,
): Promise<Response> {
  const isPage = c.req.method === 'GET' && !production && c.req.query('query') === undefined
  if (isPage && c.req.header('accept')?.includes('text/html')) return graph.fetch(c.req.raw)
  const reader = await admit(door, c.req.header('authorization'))
  return graph.fetch(c.req.raw, {
    reader,
    actions,
    requestId,
    renew: () => door.renew(reader),
    signal: c.req.raw.signal,
  })
}
