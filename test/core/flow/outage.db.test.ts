import { describe, expect, test } from 'vitest'
import { connect } from '../../../blackboard/connect.ts'
import { startFlow } from '../../../core/flow/flow.ts'
import { openTestApp, track, type TestApp } from '../../support/app.ts'
import { quiet } from '../../support/quiet.ts'

async function terminateAll(app: TestApp): Promise<void> {
  await using admin = await connect({
    databaseUrl: app.db.url,
    dataDir: '',
    maxConnections: 1,
    log: quiet,
  })
  await admin.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
}

/** As a client does: a connection of the pool that is lost as well may be the next one asked. */
async function untilStored(app: TestApp, event: ReturnType<typeof track>): Promise<void> {
  for (;;) {
    try {
      await app.send(event)
      return
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'database_unavailable', status: 503 })
    }
  }
}

// The embedded engine runs inside the process: its connection cannot be lost without the process.
describe.skipIf(process.env['SLATEBOARD_TEST_ENGINE'] !== 'server')('a lost connection', () => {
  test('is answered by database_unavailable or not at all noticed, and loses nothing acknowledged', async () => {
    await using app = await openTestApp({ works: false })
    const stored = new Set<string>()
    for (let n = 0; n < 30; n += 1) {
      if (n % 10 === 5) await terminateAll(app)
      const event = track('ada', 'Order')
      await untilStored(app, event)
      stored.add(event.messageId)
    }
    const rows = await app.sql<{ id: string }[]>`select message_id as id from event`
    expect(rows.map(({ id }) => id).toSorted()).toEqual([...stored].toSorted())
  })

  test('again and again under load leaves nobody waiting, and every event stored and counted once', async () => {
    await using app = await openTestApp()
    await app.install('count')
    const stored: string[] = []
    const feeding = new AbortController()
    const feed = async (lane: number): Promise<void> => {
      while (!feeding.signal.aborted) {
        const event = track(`user-${lane}-${stored.length % 20}`, 'Order')
        await untilStored(app, event)
        stored.push(event.messageId)
      }
    }
    const cut = async (): Promise<void> => {
      for (let cuts = 1; cuts <= 8; cuts += 1) {
        while (stored.length < cuts * 30) await new Promise(setImmediate)
        await terminateAll(app)
      }
      feeding.abort()
    }
    await Promise.all([feed(1), feed(2), feed(3), cut()])
    while ((await app.sql`select 1 from agenda`).length > 0) await app.idle()
    const rows = await app.sql<{ id: string }[]>`select message_id as id from event`
    expect(rows.map(({ id }) => id).toSorted()).toEqual(stored.toSorted())
    const [sum] = await app.sql`
      select sum((traits ->> 'orders_seen')::int)::int as seen,
        sum((traits ->> 'orders_followed')::int)::int as followed from profile`
    expect(sum).toEqual({ seen: stored.length, followed: stored.length })
  }, 90_000)
})

test('a reaction claimed by a worker that died before its first beat is run all the same', async () => {
  await using app = await openTestApp({ works: false })
  await app.install('count')
  await app.send(track('ada', 'Order'))
  await app.sql`update agenda set lease_owner = 'unknown', taken = 1`
  await using flow = startFlow(app)
  await flow.idle()
  const [row] = await app.sql`select traits from profile`
  expect(row?.['traits']).toEqual({ orders_seen: 1, orders_followed: 1 })
})
