import { expect, test } from 'vitest'
import { connect } from '../../blackboard/connect.ts'
import { transact } from '../../blackboard/transact.ts'
import { openTestDatabase } from '../support/database.ts'
import { quiet } from '../support/quiet.ts'

const openAnother = (databaseUrl: string | undefined) =>
  connect({ databaseUrl, dataDir: '', maxConnections: 1, log: quiet })

// 100 is what the driver lets be under way on one connection unless told otherwise.
test.each([99, 100, 101, 300])('keeps a transaction whole behind %i statements', async (count) => {
  await using db = await openTestDatabase({ maxConnections: 1 })
  const { sql } = db
  await sql`create table tally (n int)`
  // Known to the connection, so that those after it are sent without waiting for an answer.
  await sql`select ${-1}::int as n`
  const others = Array.from({ length: count }, (_, n) => sql`select ${n}::int as n`.execute())
  await transact(db, (tx) => tx`insert into tally values (1)`)
  const answers = await Promise.all(others)
  expect(answers.map(([row]) => row?.['n'])).toEqual(answers.map((_, n) => n))
  expect(await sql`select n from tally`).toEqual([{ n: 1 }])
})

// The embedded engine runs inside the process: its connection cannot be lost without the process.
test.skipIf(process.env['SLATEBOARD_TEST_ENGINE'] !== 'server')(
  'keeps a transaction that lost its connection out of the one that has it now',
  async () => {
    await using db = await openTestDatabase({ maxConnections: 1 })
    await using admin = await openAnother(db.url)
    await db.sql`create table tally (n int)`
    const [isLost, mayFail] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const late: unknown[] = []
    const lost = transact(db, async (tx) => {
      const [backend] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
      await admin.sql`select pg_terminate_backend(${backend?.pid ?? 0})`
      await tx`select 1`.catch(() => isLost.resolve())
      await mayFail.promise
      late.push(await tx`insert into tally values (0)`.catch((thrown: unknown) => thrown))
      throw new TypeError('and this rolls back')
    })
    await expect(lost).rejects.toMatchObject({ code: 'database_unavailable' })
    await isLost.promise
    const next = transact(db, async (tx) => {
      await tx`insert into tally values (1)`
      mayFail.resolve()
      while (late.length === 0) await tx`select 1`
      await tx`insert into tally values (2)`
      throw new TypeError('none of it')
    })
    await expect(next).rejects.toMatchObject({ code: 'internal' })
    expect(late).toMatchObject([{ code: 'CONNECTION_CLOSED' }])
    expect(await db.sql`select n from tally`).toEqual([])
  },
)
