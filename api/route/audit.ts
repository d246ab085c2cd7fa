import { Hono } from 'hono'
import { fail } from '../../core/errors.ts'
import type { Doorkeeper } from '../../core/read/authenticate.ts'
import { listAudit, showAuditKey } from '../../core/read/listAudit.ts'
import { admit } from './graph.ts'

const asLines = { 'Content-Type': 'application/x-ndjson' }

/**
 * The audit log for who may read it, one JSON object a line: `GET /audit/key` gives the public key of its
 * signatures, `GET /audit/entries?after=<seq>` entries and checkpoints in pages.
 */
export function auditRoutes(door: Doorkeeper): Hono {
  const app = new Hono()
  app.get('/audit/key', async (c) => {
    const reader = await admit(door, c.req.header('authorization'))
    return c.body(`${showAuditKey(reader)}\n`, 200, asLines)
  })
  app.get('/audit/entries', async (c) => {
    const reader = await admit(door, c.req.header('authorization'))
    const after = Number(c.req.query('after') ?? 0)
    if (!Number.isSafeInteger(after) || after < 0) {
      throw fail('bad_input', { path: 'after', reason: 'it is not a position in the chain' })
    }
    const lines = await listAudit(reader, after)
    return c.body(lines.map((line) => `${line}\n`).join(''), 200, asLines)
  })
  return app
}
