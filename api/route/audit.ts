import { Hono } from 'hono'
import { fail } from '../../core/errors.ts'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import { listAudit } from '../../core/read/listAudit.ts'
import { admit } from './graph.ts'

/** `GET /audit/entries?after=<seq>`: the audit chain in pages, one JSON object a line, for who may read it. */
export function auditRoutes(door: Doorkeeper): Hono {
  const app = new Hono()
  app.get('/audit/entries', async (c) => {
    const reader = await admit(door, c.req.header('authorization'))
    const after = Number(c.req.query('after') ?? 0)
    if (!Number.isSafeInteger(after) || after < 0) {
      throw fail('bad_input', { path: 'after', reason: 'it is not a position in the chain' })
    }
    const entries = await listAudit(reader, after)
    return c.body(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), 200, {
      'Content-Type': 'application/x-ndjson',
    })
  })
  return app
}
