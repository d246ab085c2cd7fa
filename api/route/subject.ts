import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import { fetchPackage, type Fetched } from '../../core/subject/fetchPackage.ts'
import { idOf } from '../graph/id.ts'
import { admit } from './graph.ts'

/**
 * What data subjects are handed: `GET /subject-requests/<id>/package` is the answer to a request for access or
 * portability, as a zip archive, for who may answer requests.
 */
export function subjectRoutes(door: Doorkeeper): Hono {
  const app = new Hono()
  app.get('/subject-requests/:id/package', async (c) => {
    const reader = await admit(door, c.req.header('authorization'))
    return answerPackage(c, await fetchPackage(reader, idOf('SubjectRequest', c.req.param('id'))))
  })
  return app
}

/** Sent as it is made; kept by no cache on the way. */
export const answerPackage = (c: Context, { fileName, chunks }: Fetched): Response =>
  c.body(streamOf(chunks), 200, {
    'Content-Type': 'application/zip',
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Cache-Control': 'no-store',
  })

/** Nothing is made before it is asked for; a client that goes away ends it. */
const streamOf = (chunks: Fetched['chunks']): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
