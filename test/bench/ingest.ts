import { randomBytes } from 'node:crypto'
import type { Sql } from 'postgres'
import { createIngestPort } from '../../core/flow/ingest/sources.ts'
import { createSource } from '../../core/admin/createSource.ts'
import { ensureAdmin } from '../../core/admin/ensureAdmin.ts'
import { createDoorkeeper } from '../../core/read/authenticate.ts'
import { ingestRoutes } from '../../api/route/ingest.ts'
import { listen } from '../../api/server.ts'
import { inChunks, openBench, type Bench } from './bench.ts'
import type { Report } from './figure.ts'
import { runLoad } from './load.ts'

const people = 5000
const batch = 100
const seconds = 8

/**
 * Events per second through HTTP, parsing, dedup, identity, traits and the agenda to the commit: in batches of
 * 100 and one a request. A tenth are identify calls, a tenth of the people also have a cookie. Beside it the
 * raw multi-row insert of the same rows into a table like the event table.
 */
export async function benchIngest(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { app, engine } = bench
  const { board, workspaceId, intake, policies } = app
  const admin = await ensureAdmin(board, workspaceId, randomBytes(24).toString('hex'))
  const reader = await createDoorkeeper(board, policies).read(admin)
  const { writeKey } = await createSource(reader, { name: 'bench' })
  const routes = ingestRoutes({
    port: createIngestPort(board, intake, app.pressure),
    clock: board.clock,
    log: board.log,
  })
  await using server = await listen(routes, { host: '127.0.0.1', port: 0 })
  const load = { url: server.url, writeKey, people }
  await runLoad({ ...load, batch, connections: 4, seconds: 2, bench: 'ingest' })
  const raw = await insertRaw(bench)
  const batched = await runLoad({ ...load, batch, connections: 8, seconds, bench: 'ingest' })
  report({
    bench: 'ingest',
    figure: 'eventsPerSecondBatched',
    value: batched.perSecond * batch,
    unit: '1/s',
    engine,
    batch,
    baseline: 'raw-insert',
    ratio: (batched.perSecond * batch) / raw,
  })
  const single = await runLoad({ ...load, batch: 1, connections: 64, seconds, bench: 'ingest' })
  report({
    bench: 'ingest',
    figure: 'eventsPerSecondSingle',
    value: single.perSecond,
    unit: '1/s',
    engine,
    p95ms: Math.round(single.p95),
    baseline: 'raw-insert',
    ratio: single.perSecond / raw,
  })
}

/** The same rows into a table with the event table's columns and key, 100 a statement, 4 at a time. */
async function insertRaw({ app }: Bench): Promise<number> {
  const { sql } = app.board.db
  await sql.unsafe(
    'create table raw_event (like event including defaults); alter table raw_event add primary key (workspace_id, profile_id, id)',
  )
  const count = 20_000
  const lanes = 4
  const started = performance.now()
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) => insertLane(sql, app, lane, count / lanes)),
  )
  const rate = count / ((performance.now() - started) / 1000)
  await sql.unsafe('drop table raw_event')
  return rate
}

async function insertLane(
  sql: Sql,
  { board }: Bench['app'],
  lane: number,
  count: number,
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n)
  await inChunks(numbers, batch, (chunk) => {
    const now = board.clock.now()
    const rows = chunk.map((n) => ({
      workspace_id: 1,
      profile_id: `lane${lane}`,
      id: board.clock.id(),
      source_id: 'bench',
      message_id: board.clock.id(),
      type: 'track',
      name: 'Product Viewed',
      properties: {
        sku: `sku-${n % 500}`,
        price: n % 100,
        currency: 'EUR',
      },
      occurred_at: now,
      received_at: now,
    }))
    return sql`insert into raw_event ${sql(rows)}`
  })
}
