import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import type { IncomingEvent } from '../../../../core/model/event.ts'
import type { JsonObject } from '../../../../core/model/json.ts'
import { identify, track } from '../../../support/app.ts'
import { openOutward, type Outward } from '../../../support/outward.ts'

const promotion = 'marketing.promotion'
const minute = 60_000

/** An event of some minutes ago by the test's clock. */
function said(out: Outward, context: JsonObject, ago = 0, changes: Partial<IncomingEvent> = {}) {
  out.clock.advance(1000)
  const now = out.clock.now()
  const then = new Date(now.getTime() - ago * minute)
  const times = { timestamp: then, originalTimestamp: then, receivedAt: now }
  return track('ada', 'Viewed', {}, { context, ...times, ...changes })
}
const preferring = (isYes: boolean) => ({
  consent: { categoryPreferences: { [promotion]: isYes } },
})
const act = { name: 'Segment Consent Preference Updated' }

const ledger = async ({ app }: Outward) => {
  const rows = await app.sql<{ decision: string }[]>`
    select decision from consent_event order by collected_at, id`
  return rows.map(({ decision }) => decision)
}
const current = async ({ app }: Outward) => {
  const rows = await app.sql<{ decision: string }[]>`select decision from consent_current`
  return rows.map(({ decision }) => decision)
}

test('a word that comes late goes into the ledger once, and changes nothing that stands', async () => {
  await using out = await openOutward()
  await out.app.send(said(out, preferring(false)))
  const before = await out.app.sql`select version from legal_state`
  await out.app.send(said(out, preferring(true), 30), said(out, preferring(true), 20))
  await out.app.send(said(out, preferring(true), 10))
  expect(await ledger(out)).toEqual(['granted', 'denied'])
  expect(await current(out)).toEqual(['denied'])
  expect(await out.app.sql`select version from legal_state`).toEqual(before)
})

test('a client’s yes waits where grants are to be confirmed: an act is written down, a state is not', async () => {
  await using out = await openOutward()
  await out.app.sql`update purpose set double_opt_in = '{*}' where key = ${promotion}`
  await out.app.send(said(out, preferring(true)))
  expect(await ledger(out)).toEqual([])
  await out.app.send(said(out, preferring(true), 0, act))
  expect(await ledger(out)).toEqual(['pending'])
  expect(await current(out)).toEqual([])
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ error: 'consent_pending' })
})

test('a client that repeats its yes makes no grant last longer than its purpose lets it', async () => {
  await using out = await openOutward()
  await out.app.sql`update purpose set ttl_days = 1 where key = ${promotion}`
  await out.app.send(said(out, preferring(true)))
  out.clock.advance(12 * 60 * minute)
  await out.app.send(said(out, preferring(true)))
  expect(await ledger(out)).toEqual(['granted'])
  out.clock.advance(12 * 60 * minute)
  await out.app.send(said(out, preferring(true)))
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ error: 'consent_expired' })
})

test('a merge of a refusal with a later grant is noted, and settled by a word after it', async () => {
  await using out = await openOutward()
  const anonymous = [{ namespace: 'anonymous_id', value: 'a1' }]
  await out.app.send(said(out, preferring(false), 0, { identifiers: anonymous }))
  await out.say('ada', 'granted')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
  const both = [{ namespace: 'user_id', value: 'ada' }, ...anonymous]
  await out.app.send(identify('ada', {}, { identifiers: both }))
  const conflicts = () => out.app.sql`select purpose, channel from consent_conflict`
  expect(await conflicts()).toEqual([{ purpose: promotion, channel: 'webhook' }])
  const entries = await out.app
    .sql`select action from audit_inbox where action = 'consent.conflict'`
  expect(entries).toHaveLength(1)
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ error: 'consent_denied' })
  out.clock.advance(minute)
  await out.say('ada', 'granted', { channel: '*' })
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
})

test('a receipt that the key did not sign is rejected, and the others of its request are not', async () => {
  await using out = await openOutward()
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  await out.app.sql`
    insert into receipt_key (workspace_id, source_id, key_id, public_key, author, added_at)
    values (${out.app.workspaceId}, '', 'k', ${pem}, 'x', now())`
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encode({ alg: 'ES256' })}.${encode({ processId: 'p1', processVersion: 2 })}`
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  const signed = `${text}.${signature.toString('base64url')}`
  const receipt = (requestInformation: string): Partial<IncomingEvent> => ({
    receipt: {
      dialect: 'onetrust',
      body: {
        purposes: [{ Id: promotion, TransactionType: 'CONFIRMED' }],
        requestInformation,
      },
    },
  })
  const source = { id: 'test', workspaceId: out.app.workspaceId }
  const results = await out.app.intake.submit(source, [
    said(out, {}, 0, receipt(`${text}.AAAA`)),
    said(out, {}, 0, receipt(signed)),
  ])
  expect(results).toMatchObject([
    { status: 'rejected', code: 'receipt_signature_invalid' },
    { status: 'accepted' },
  ])
  expect(await out.app.sql`select proof from consent_current`).toMatchObject([
    { proof: { noticeId: 'collection point p1', noticeVersion: '2' } },
  ])
})
