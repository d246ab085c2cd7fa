import { Hono } from 'hono'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import { listErasures, showReceipt } from '../../core/subject/rights.ts'
import { admit } from './graph.ts'

const asLines = { 'Content-Type': 'application/x-ndjson' }

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/**
 * Erasures for who may see them, one JSON object a line: `GET /erasure/receipts/<id>` gives a receipt that can be
 * verified offline, `GET /erasure/tombstones?after=<receipt>` a page of what is to be kept beside backups.
 */
export function erasureRoutes(door: Doorkeeper): Hono {
  const app = new Hono()
  app.get('/erasure/receipts/:id', async (c) => {
    const reader = await admit(door, c.req.header('authorization'))
    const lines = await showReceipt(reader, c.req.param('id'))
    return c.body(textOf(lines), 200, asLines)
  })
  app.get('/erasure/tombstones', async (c) => {
    const reader = await admit(door, c.req.header('authorization'))
    const lines = await listErasures(reader, c.req.query('after') ?? '')
    return c.body(textOf(lines), 200, asLines)
  })
  return app
}
