import { createActions } from '../../core/actions.ts'
import { createPrincipal } from '../../core/admin/createPrincipal.ts'
import { ensureAdmin } from '../../core/admin/ensureAdmin.ts'
import { createDoorkeeper, type Doorkeeper } from '../../core/read/authenticate.ts'
import { createApp, listen } from '../../api/server.ts'
import { inChunks, openBench, source, trackOf, type Bench } from './bench.ts'
import type { Report } from './figure.ts'
import { runLoad } from './load.ts'

const people = 5000
const seconds = 8

/**
 * GraphQL profile reads by identifier per second over HTTP, as an app whose masks hide contact data: traits,
 * redactions and identifiers of one customer. Beside it the bare look-up of the same rows in SQL.
 */
export async function benchQuery(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  await using reads = await openReads(bench)
  await reads.run(2)
  const raw = await readRaw(bench)
  const { perSecond, p50, p95 } = await reads.run(seconds)
  const base = { bench: 'query', engine: bench.engine, people }
  const ratio = perSecond / raw
  report({
    ...base,
    figure: 'profilesPerSecond',
    value: perSecond,
    unit: '1/s',
    baseline: 'raw-sql',
    ratio,
  })
  report({ ...base, figure: 'latency.p50', value: p50, unit: 'ms' })
  report({ ...base, figure: 'latency.p95', value: p95, unit: 'ms' })
}

/** Customers, an API server, and an app that reads them through it. */
export async function openReads(bench: Bench) {
  const { app } = bench
  await fill(bench)
  const { board, workspaceId, policies, metrics } = app
  let served = 0
  const keeper = createDoorkeeper(board, policies)
  const door: Doorkeeper = {
    ...keeper,
    admit(key) {
      served += 1
      return keeper.admit(key)
    },
  }
  const admin = await door.read(
    await ensureAdmin(board, workspaceId, 'bench-admin-key-of-this-run'),
  )
  const purposes = ['analytics', 'personalization']
  const { key } = await createPrincipal(admin, { name: 'bench', role: 'app', purposes })
  const api = createApp({
    board,
    door,
    metrics: metrics.registry,
    actions: createActions(app),
    unready: () => [],
    routes: [],
    production: true,
  })
  const server = await listen(api, { host: '127.0.0.1', port: 0 })
  const load = { bench: 'query' as const, url: server.url, writeKey: key, people, batch: 1 }
  return {
    run: (seconds: number) => runLoad({ ...load, connections: 8, seconds }),
    /** Requests let in until now. */
    served: () => served,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Customers with an email address, a few traits and a few events. */
async function fill({ app }: Bench): Promise<void> {
  const numbers = Array.from({ length: people }, (_, n) => n)
  await inChunks(numbers, 500, (chunk) =>
    app.intake.submit(
      source,
      chunk.map((n) => {
        const event = trackOf(app, `user-${n}`, '', n)
        const email = `user-${n}@example.org`
        return {
          ...event,
          type: 'identify' as const,
          identifiers: [...event.identifiers, { namespace: 'email', value: email }],
          traits: { email, plan: n % 2 ? 'pro' : 'free', seats: n % 7, country: 'DE', ltv: n },
        }
      }),
    ),
  )
}

/** The same rows by the same keys, one customer a statement, eight at a time. */
async function readRaw({ app }: Bench): Promise<number> {
  const { sql } = app.board.db
  const rows = await sql<
    { hash: string }[]
  >`select hash from identifier where namespace = 'user_id'`
  const count = 10_000
  const started = performance.now()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      const hash = rows[next % rows.length]?.hash ?? ''
      next += 1
      await sql`
        select p.*, (select json_agg(m) from identifier m where m.workspace_id = 1 and m.profile_id = p.id)
        from identifier i join profile p on p.workspace_id = i.workspace_id and p.id = i.profile_id
        where i.workspace_id = 1 and i.hash = ${hash}::uuid`
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return count / ((performance.now() - started) / 1000)
}
