import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fsyncSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect } from '../../blackboard/connect.ts'
import { openEmbedded } from '../../blackboard/embedded.ts'
import { quiet } from '../support/quiet.ts'

vi.mock('node:fs', { spy: true })

let dataDir = ''
const driverUrl = new URL('../../node_modules/postgres/src/index.js', import.meta.url).href
const moduleUrl = new URL('../../blackboard/connect.ts', import.meta.url).href

/** Another process that opens the folder, does some work, says so, and then waits to be killed. */
function otherProcess(work: string): Promise<OtherProcess> {
  return runScript(`
    const { connect } = await import(${JSON.stringify(moduleUrl)})
    try {
      const db = await connect({ dataDir: ${JSON.stringify(dataDir)}, log: { info() {} } })
      ${work}
      console.log('done')
      setInterval(() => {}, 1000)
    } catch (error) { console.log(error.code) }`)
}

interface OtherProcess {
  said: string
  kill(): Promise<void>
}

async function runScript(script: string): Promise<OtherProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk]: unknown[] = await once(child.stdout, 'data')
  return {
    said: String(chunk).trim(),
    async kill() {
      if (child.exitCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slate-embedded-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

test('keeps what was committed when the process is killed', async () => {
  const other = await otherProcess(`
    await db.sql\`create table kept (n int)\`
    await db.sql\`insert into kept select generate_series(1, 1000)\``)
  expect(other.said).toBe('done')
  await other.kill()
  await using db = await connect({ dataDir, log: quiet })
  expect(await db.sql`select count(*) as n from kept`).toEqual([{ n: 1000 }])
})

test('refuses a second process the same folder, and names the first', async () => {
  const db = await connect({ dataDir, log: quiet })
  const other = await otherProcess('')
  expect(other.said).toContain('database_locked')
  await db[Symbol.asyncDispose]()
  const later = await otherProcess('')
  expect(later.said).toBe('done')
  await expect(connect({ dataDir, log: quiet })).rejects.toMatchObject({ code: 'database_locked' })
  await later.kill()
})

test('writes through to the disk at each commit', async () => {
  await using db = await connect({ dataDir, log: quiet })
  expect(
    await db.sql`select name, setting from pg_settings
    where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method')
    order by name`,
  ).toEqual([
    { name: 'fsync', setting: 'on' },
    { name: 'full_page_writes', setting: 'on' },
    { name: 'synchronous_commit', setting: 'on' },
    { name: 'wal_sync_method', setting: 'fsync' },
  ])
})

test('syncs the log of each commit to the disk, through to the file system', async () => {
  await using db = await connect({ dataDir, log: quiet })
  await db.sql`create table synced (n int)`
  const before = vi.mocked(fsyncSync).mock.calls.length
  for (const n of Array(20).keys()) await db.sql`insert into synced values (${n})`
  expect(vi.mocked(fsyncSync).mock.calls.length - before).toBeGreaterThanOrEqual(20)
})

test('gives the connection back when a client is killed in the middle of a transaction', async () => {
  await using embedded = await openEmbedded('memory')
  await using before = await connectTo(embedded.options)
  await before.sql`create table half (n int)`
  await before.sql.end()
  const client = await runScript(`
    const { default: postgres } = await import(${JSON.stringify(driverUrl)})
    const sql = postgres({ ...${JSON.stringify(embedded.options)}, onnotice() {} })
    await sql.begin(async (tx) => {
      await tx\`insert into half values (1)\`
      console.log('inserted')
      await new Promise(() => setInterval(() => {}, 1000))
    })`)
  expect(client.said).toBe('inserted')
  await client.kill()
  await using next = await connectTo(embedded.options)
  expect(await next.sql`select * from half`).toEqual([])
})

async function connectTo(
  options: Awaited<ReturnType<typeof openEmbedded>>['options'],
): Promise<AsyncDisposable & { sql: postgres.Sql }> {
  const sql = postgres({ ...options, onnotice: () => {} })
  return { sql, [Symbol.asyncDispose]: () => sql.end() }
}

test('listens where only this user can reach', async () => {
  await using embedded = await openEmbedded('memory')
  const path = 'path' in embedded.options ? embedded.options.path : ''
  const { mode } = await stat(dirname(path))
  expect(mode & 0o777).toBe(0o700)
})
