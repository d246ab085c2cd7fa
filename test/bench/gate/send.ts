import { Agent, request } from 'node:http'
import { startFlow } from '../../../core/flow/flow.ts'
import type { Slateboard } from '../../../core/open.ts'
import type { Bench } from '../bench.ts'
import type { Report } from '../figure.ts'
import { openSink, type Sink } from '../openSink.ts'
import { inLanes, openPeople } from './people.ts'

const people = 1000
const activations = 6000
const warmUp = 1500
/** Callers who propose at once, and messages on their way at once in the baseline. */
const lanes = 128

/**
 * Propose, gate, dispatch to a webhook in another process and record, everything durable: activations a second
 * until the last is recorded as sent. The baseline is the least that a team would write instead.
 */
export async function benchSend(bench: Bench, report: Report): Promise<void> {
  const { app, engine } = bench
  await using sink = await openSink()
  const raw = await rawOutbox(app, sink)
  await sink.take()
  const { propose, users } = await openPeople(app, { count: people, url: sink.url })
  await using flow = startFlow(app)
  const run = async (count: number): Promise<number> => {
    const who = Array.from({ length: count }, (_, n) => users[n % people] ?? '')
    const started = performance.now()
    await inLanes(who, lanes, (user) => propose(user))
    await sent(app)
    const seconds = (performance.now() - started) / 1000
    await flow.idle()
    const arrived = (await sink.take()).length
    if (arrived !== count) throw new TypeError(`${arrived} of ${count} activations arrived`)
    return count / seconds
  }
  await run(warmUp)
  const value = await run(activations)
  report({
    bench: 'gate',
    figure: 'activationsPerSecond',
    value,
    unit: '1/s',
    engine,
    callers: lanes,
    activations,
    baseline: 'raw-outbox',
    ratio: value / raw,
    rawPerSecond: Math.round(raw),
  })
}

/** Resolves when all activations are recorded as sent. */
async function sent({ board: { db } }: Slateboard): Promise<void> {
  for (;;) {
    const [open] = await db.sql.begin(async (tx) => {
      await tx`set local slateboard.workspace = '*'`
      return tx`select 1 from activation where state in ('proposed', 'approved', 'dispatching') limit 1`
    })
    if (!open) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** An outbox without consent, policy, decision or audit: insert a row, post it, mark it. */
async function rawOutbox({ board: { db } }: Slateboard, { url }: Sink) {
  const { sql } = db
  await sql.unsafe(`create table raw_outbox (id bigint generated always as identity primary key,
    person text not null, content jsonb not null, state text not null default 'open',
    at timestamptz not null default now(), sent_at timestamptz)`)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const send = async (user: string): Promise<void> => {
    const [row] = await sql`
      insert into raw_outbox (person, content) values (${user}, '{"offer":"tea"}') returning id`
    await post(agent, `${url}/raw`, String(row?.['id']), JSON.stringify({ profile: user }))
    await sql`update raw_outbox set state = 'sent', sent_at = now() where id = ${row?.['id']}`
  }
  const users = Array.from({ length: activations }, (_, n) => `raw-${n}`)
  await inLanes(users.slice(0, warmUp), lanes, send)
  const started = performance.now()
  await inLanes(users, lanes, send)
  const seconds = (performance.now() - started) / 1000
  agent.destroy()
  await sql.unsafe('drop table raw_outbox')
  return activations / seconds
}

function post(agent: Agent, url: string, key: string, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'idempotency-key': key,
  }
  const sending = request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume()
    response.on('end', resolve)
  })
  sending.on('error', reject)
  sending.end(body)
  return promise
}
