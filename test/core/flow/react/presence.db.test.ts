import { expect, test } from 'vitest'
import { beatWorker } from '../../../../blackboard/query/beatWorker.ts'
import { sweepWorkers } from '../../../../blackboard/query/sweepWorkers.ts'
import { Presence } from '../../../../core/flow/react/presence.ts'
import { openTestApp, type TestApp } from '../../../support/app.ts'

/** Longer than any test. */
const leaseMs = 60_000

const workers = async ({ sql }: TestApp) =>
  (
    await sql<{ id: string; present: boolean }[]>`
    select id, is_present as present from worker order by id`
  ).map((row) => ({ ...row }))

const sweep = ({ sql }: TestApp) => sweepWorkers(sql, { owner: 'other', leaving: '' })

const endSessions = ({ sql }: TestApp) => sql`
  select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objsubid = 1`

test('a worker whose process is gone is swept at once, long before its lease runs out', async () => {
  await using app = await openTestApp({ works: false })
  await beatWorker(app.sql, { id: 'w', leaseMs })
  using presence = new Presence(app.board, 'w')
  await presence.keep()
  if (app.db.maxConnections === 1) {
    // One process has the embedded engine to itself: nobody is there to notice.
    expect(await workers(app)).toEqual([{ id: 'w', present: false }])
    return
  }
  expect(await workers(app)).toEqual([{ id: 'w', present: true }])
  await sweep(app)
  expect(await workers(app)).toHaveLength(1)
  await endSessions(app)
  await expect.poll(() => sweep(app).then(() => workers(app))).toEqual([])
})

test('one that lost its session only is present again with the next beats', async () => {
  await using app = await openTestApp({ works: false })
  if (app.db.maxConnections === 1) return
  await beatWorker(app.sql, { id: 'w', leaseMs })
  using presence = new Presence(app.board, 'w')
  await presence.keep()
  await endSessions(app)
  await expect.poll(() => sweep(app).then(() => workers(app))).toEqual([])
  await beatWorker(app.sql, { id: 'w', leaseMs })
  await expect
    .poll(() => presence.keep().then(() => workers(app)))
    .toEqual([{ id: 'w', present: true }])
})
