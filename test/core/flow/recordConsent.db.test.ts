import { expect, test } from 'vitest'
import { chainAudit, verifyAudit } from '../../../core/flow/record.ts'
import { alias, identify } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { openOutward } from '../../support/outward.ts'

test('introduces a person nobody has seen', async () => {
  await using out = await openOutward()
  const { profileId, ...consent } = await out.say('ada', 'granted')
  expect(profileId).toBe(await out.app.profileOf('ada'))
  expect(consent).toMatchObject({ decision: 'granted', proof: { method: 'test' }, recalled: 0 })
})

test('keeps every word in the ledger and the last one in force', async () => {
  await using out = await openOutward()
  for (const word of ['granted', 'withdrawn', 'granted'] as const) await out.say('ada', word)
  const { sql } = out.app
  expect(await sql`select decision from consent_event order by id`).toMatchObject([
    { decision: 'granted' },
    { decision: 'withdrawn' },
    { decision: 'granted' },
  ])
  expect(await sql`select decision from consent_current`).toEqual([{ decision: 'granted' }])
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
})

test('does not let an older word undo a newer one', async () => {
  await using out = await openOutward()
  await out.say('ada', 'withdrawn')
  await out.say('ada', 'granted', { collectedAt: new Date(out.clock.now().getTime() - 60_000) })
  expect(await out.activation(await out.propose('ada'))).toMatchObject({
    error: 'consent_withdrawn',
  })
  await out.say('ada', 'granted')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
})

test('does not let a grant from the future outlive a withdrawal', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted', { collectedAt: new Date(out.clock.now().getTime() + 600_000) })
  await out.say('ada', 'withdrawn')
  out.clock.advance(3_600_000)
  expect(await out.activation(await out.propose('ada'))).toMatchObject({
    error: 'consent_withdrawn',
  })
})

test('lets a refusal said now stand against a clock that was ahead', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.app.sql`update consent_current set collected_at = collected_at + interval '1 minute'`
  await out.say('ada', 'withdrawn')
  out.clock.advance(3_600_000)
  expect(await out.activation(await out.propose('ada'))).toMatchObject({
    error: 'consent_withdrawn',
  })
})

test('recalls by purpose and channel, and nothing else', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted', { purpose: 'marketing', channel: '*' })
  await out.say('ada', 'granted', { purpose: 'analytics' })
  const [promotion, news, analytics] = [
    await out.propose('ada'),
    await out.propose('ada', { purpose: 'marketing.newsletter' }),
    await out.propose('ada', { purpose: 'analytics' }),
  ]
  await out.say('ada', 'withdrawn')
  expect(await out.activation(promotion)).toMatchObject({ state: 'recalled' })
  expect(await out.activation(news)).toMatchObject({ state: 'approved' })
  await out.say('ada', 'denied', { purpose: 'marketing', channel: '*' })
  expect(await out.activation(news)).toMatchObject({ state: 'recalled', error: 'consent_denied' })
  expect(await out.activation(analytics)).toMatchObject({ state: 'approved' })
})

test('finds the person again when they are merged while a word is recorded', async () => {
  await using out = await openOutward()
  const names = Array.from({ length: 12 }, (_, n) => `name-${n}`)
  for (const name of names) await out.say(name, 'granted')
  const ids = await Promise.all(names.map((name) => out.propose(name)))
  await Promise.all([
    ...names.slice(1).map((name) => out.app.send(alias('name-0', name))),
    ...names.map((name) => out.say(name, 'withdrawn')),
  ])
  await out.dispatch()
  expect(out.receiver.requests).toEqual([])
  for (const id of ids) expect(await out.activation(id)).toMatchObject({ state: 'recalled' })
})

test('names who did what to which on the audit chain, in one form', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.dispatch()
  await out.say('ada', 'withdrawn')
  const { board, sql, workspaceId } = out.app
  await chainAudit(board)
  expect(await verifyAudit(board, workspaceId)).toMatchObject({ ok: true })
  const rows = await sql<{ actor: string; action: string; object: string }[]>`
    select actor, action, object from audit_entry order by seq`
  for (const { actor, object } of rows) {
    expect(actor).toMatch(/^(system|(principal|agent|source):\S+)$/)
    expect(object).toMatch(/^[a-z]+:\S+$/)
  }
  const actions = rows.filter(({ object }) => object === `activation:${id}`)
  expect(actions.map(({ action }) => action)).toEqual([
    'activation.propose',
    'activation.plan.allow',
    'activation.delivery.sent',
  ])
  expect(rows.at(-1)?.action).toBe('consent.withdrawn')
})

test("mails the vault's address, which stands nowhere else", async () => {
  await using mailbox = await openMailbox()
  const lines: string[] = []
  const { pino } = await import('pino')
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  await using out = await openOutward({ smtpUrl: mailbox.url, log })
  await out.app.send(identify('ada', { email: 'Ada.Lovelace@Example.org', name: 'Ada' }))
  await out.say('ada', 'granted', { channel: 'email' })
  const content = { subject: 'Hello', text: 'To {{email}}' }
  const mailed = { channel: 'email', destination: null, content, fields: ['email'] }
  const id = await out.propose('ada', mailed)
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'sent' })
  expect(mailbox.mails).toMatchObject([{ to: ['ada.lovelace@example.org'] }])
  await chainAudit(out.app.board)
  const { sql } = out.app
  for (const table of [
    'decision',
    'audit_entry',
    'audit_inbox',
    'activation',
    'change',
    'circuit',
  ]) {
    const [row] = await sql.unsafe<{ hits: number; rows: number }[]>(`
      select count(*) as rows, count(*) filter (where to_jsonb(t)::text ilike '%lovelace%') as hits
      from ${table} t`)
    expect(row?.hits, table).toBe(0)
    if (!['circuit', 'audit_inbox'].includes(table)) expect(row?.rows, table).toBeGreaterThan(0)
  }
  expect(lines.join('')).not.toMatch(/lovelace/i)
  expect(await out.app.metrics.registry.metrics()).not.toMatch(/lovelace/i)
})

test('fails a mail to somebody whose address nobody knows', async () => {
  await using mailbox = await openMailbox()
  await using out = await openOutward({ smtpUrl: mailbox.url })
  await out.say('ada', 'granted', { channel: 'email' })
  const id = await out.propose('ada', { channel: 'email', destination: null })
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'failed', error: 'address_unknown' })
  expect(mailbox.mails).toEqual([])
})
