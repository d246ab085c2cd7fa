/**
 * The platform in a process of its own, to be killed. Speaks in lines of JSON: `{ send: [id, user] }` is
 * answered by `{ stored: id }` after the commit, `{ report: true }` by what the database holds.
 *
 * Environment: DATABASE_URL or DATA_DIR, MASTER_KEY (base64).
 */
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { sql } from 'drizzle-orm/sql/sql'
import { pino } from 'pino'
import { run } from '../../blackboard/statement.ts'
import { readPackage } from '../../core/host/package.ts'
import { openSlateboard } from '../../core/open.ts'

const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = 'memory', MASTER_KEY = '' } = process.env
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const app = await openSlateboard({
  databaseUrl,
  dataDir,
  cells: 1,
  masterKey: Buffer.from(MASTER_KEY, 'base64'),
  log: pino({ level: 'silent' }),
  channels: {
    webhook: { allowPrivate: true },
    email: { smtpUrl: null, from: 'a@slateboard.test' },
  },
})
const { workspaceId } = app
const plugin = await readPackage(join(import.meta.dirname, 'plugin/count'))
await app.registry.install(workspaceId, plugin, 'test')

async function send([messageId, user]: [string, string]): Promise<void> {
  const now = new Date()
  const [result] = await app.intake.submit({ id: 's', workspaceId }, [
    {
      messageId,
      type: 'track',
      name: 'Order',
      traits: {},
      properties: {},
      context: {},
      identifiers: [{ namespace: 'user_id', value: user }],
      timestamp: now,
      receivedAt: now,
      originalTimestamp: null,
      sentAt: null,
    },
  ])
  if (result?.status !== 'rejected') say({ stored: messageId })
}

async function report(): Promise<void> {
  await app.flow?.idle()
  const [row] = await run(
    app.board.db.sql,
    workspaceId,
    sql`
    select (select count(*)::int from agenda) as pending,
      (select count(*)::int from event) as events,
      (select count(distinct message_id)::int from event) as messages,
      (select coalesce(sum((traits ->> 'orders_seen')::int), 0)::int from profile) as seen,
      (select coalesce(sum((traits ->> 'orders_followed')::int), 0)::int from profile) as followed,
      (select count(*)::int from audit_inbox) as unchained`,
  )
  say({ report: row })
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const asked: { send?: [string, string] } = JSON.parse(line)
  void (asked.send ? send(asked.send) : report())
})
say({ ready: true })
