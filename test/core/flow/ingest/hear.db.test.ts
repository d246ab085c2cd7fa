import { describe, expect, test } from 'vitest'
import { chainAudit, verifyAudit } from '../../../../core/flow/record.ts'
import type { IncomingEvent } from '../../../../core/model/event.ts'
import type { JsonObject } from '../../../../core/model/json.ts'
import { alias, identify, track } from '../../../support/app.ts'
import { openOutward, type Outward } from '../../../support/outward.ts'

const promotion = 'marketing.promotion'

/** An event of now by the test's clock, which moves on, with a context. */
function event(
  out: Outward,
  context: JsonObject,
  changes: Partial<IncomingEvent> = {},
): IncomingEvent {
  out.clock.advance(1000)
  const now = out.clock.now()
  const times = { timestamp: now, originalTimestamp: now, receivedAt: now }
  return track('ada', 'Order Completed', {}, { context, ...times, ...changes })
}
const preferring = (out: Outward, categoryPreferences: JsonObject, changes = {}) =>
  event(out, { consent: { categoryPreferences } }, changes)
const updating = (out: Outward, categoryPreferences: JsonObject, changes = {}) =>
  preferring(out, categoryPreferences, { name: 'Segment Consent Preference Updated', ...changes })

const current = (out: Outward) => out.app.sql<{ purpose: string; decision: string }[]>`
  select purpose, decision from consent_current order by purpose`
const ledger = async (out: Outward): Promise<number> => {
  const [row] = await out.app.sql<{ n: number }[]>`select count(*)::int as n from consent_event`
  return row?.n ?? 0
}
const outcome = async (out: Outward, changes = {}) =>
  out.activation(await out.propose('ada', changes))

describe('preferences on an event', () => {
  test('stand in the ledger with proof and source, and let the gate through', async () => {
    await using out = await openOutward()
    await out.app.send(preferring(out, { [promotion]: true, analytics: false }))
    expect(await current(out)).toEqual([
      { purpose: 'analytics', decision: 'denied' },
      { purpose: promotion, decision: 'granted' },
    ])
    expect(await out.app.sql`select distinct actor, proof from consent_event`).toEqual([
      {
        actor: 'source:test',
        proof: { method: 'segment', origin: 'context.consent.categoryPreferences' },
      },
    ])
    expect(await outcome(out)).toMatchObject({ state: 'approved' })
  })

  test('that say no refuse (refused), and so does an event without any', async () => {
    await using out = await openOutward()
    await out.app.send(event(out, {}))
    expect(await outcome(out)).toMatchObject({ error: 'no_consent' })
    expect(await ledger(out)).toBe(0)
    await out.app.send(preferring(out, { [promotion]: false }))
    expect(await outcome(out)).toMatchObject({ error: 'consent_denied' })
  })

  test('leave nothing more in the ledger when they are repeated', async () => {
    await using out = await openOutward()
    const preferences = { [promotion]: true, analytics: false }
    await out.app.send(preferring(out, preferences), preferring(out, preferences))
    expect(await ledger(out)).toBe(2)
    const version = await out.app.sql`select version from legal_state`
    for (let n = 0; n < 3; n += 1) await out.app.send(preferring(out, preferences))
    expect(await ledger(out)).toBe(2)
    expect(await out.app.sql`select version from legal_state`).toEqual(version)
    await out.app.send(preferring(out, { [promotion]: false }))
    expect(await ledger(out)).toBe(3)
  })

  test('of one batch are heard in their order', async () => {
    await using out = await openOutward()
    await out.app.send(
      preferring(out, { [promotion]: true }),
      preferring(out, { [promotion]: false }),
      preferring(out, { [promotion]: true }),
    )
    expect(await ledger(out)).toBe(3)
    expect(await current(out)).toEqual([{ purpose: promotion, decision: 'granted' }])
  })

  test('that arrive late do not override a newer word', async () => {
    await using out = await openOutward()
    const late = preferring(out, { [promotion]: true })
    await out.app.send(preferring(out, { [promotion]: false }))
    await out.app.send(late)
    expect(await current(out)).toEqual([{ purpose: promotion, decision: 'denied' }])
    const lateNo = preferring(out, { [promotion]: false })
    await out.app.send(updating(out, { [promotion]: true }))
    await out.app.send(lateNo)
    expect(await current(out)).toEqual([{ purpose: promotion, decision: 'granted' }])
  })

  test('dated in the future do not outlive what is said later', async () => {
    await using out = await openOutward()
    const future = new Date(out.clock.now().getTime() + 20 * 3_600_000)
    await out.app.send(preferring(out, { [promotion]: true }, { timestamp: future }))
    await out.app.send(preferring(out, { [promotion]: false }))
    expect(await current(out)).toEqual([{ purpose: promotion, decision: 'denied' }])
  })

  test('do not bring back what the person took back elsewhere, until they say so', async () => {
    await using out = await openOutward()
    await out.app.send(preferring(out, { [promotion]: true }))
    await out.say('ada', 'withdrawn', { purpose: 'marketing', channel: '*' })
    await out.app.send(preferring(out, { [promotion]: true }))
    await out.app.send(preferring(out, { [promotion]: true, 'marketing.ads': true }))
    expect(await outcome(out)).toMatchObject({ error: 'consent_withdrawn' })
    await out.app.send(updating(out, { [promotion]: true }))
    expect(await outcome(out)).toMatchObject({ state: 'approved' })
  })

  test('do not renew a grant that has ended', async () => {
    await using out = await openOutward()
    const expiresAt = new Date(out.clock.now().getTime() + 60_000)
    await out.say('ada', 'granted', { channel: '*', expiresAt })
    await out.app.send(preferring(out, { [promotion]: true }))
    out.clock.advance(120_000)
    await out.app.send(preferring(out, { [promotion]: true }))
    expect(await outcome(out)).toMatchObject({ error: 'consent_expired' })
    await out.app.send(updating(out, { [promotion]: true }))
    expect(await outcome(out)).toMatchObject({ state: 'approved' })
  })

  test('that name nothing of ours are told to the sender, and the event is kept', async () => {
    await using out = await openOutward()
    const [result] = await out.app.send(preferring(out, { Advertising: true }))
    expect(result).toMatchObject({
      status: 'accepted',
      warnings: [{ consent: 'Advertising', code: 'consent_unmapped' }],
    })
    expect(await ledger(out)).toBe(0)
    const hostile = event(out, { tcString: 'A', gppString: 'DB', consent: 'yes' })
    expect(await out.app.send(hostile)).toMatchObject([{ status: 'accepted' }])
    expect(await ledger(out)).toBe(0)
  })

  test('stand in the change log and on the audit chain', async () => {
    await using out = await openOutward()
    await out.app.send(preferring(out, { [promotion]: true }))
    const { board, sql, workspaceId } = out.app
    expect(
      await sql`select key, author_kind, author_id from change where kind = 'consent'`,
    ).toEqual([{ key: `${promotion} *`, author_kind: 'source', author_id: 'test' }])
    await chainAudit(board)
    expect(await verifyAudit(board, workspaceId)).toMatchObject({ ok: true })
    expect(await sql`select actor from audit_entry where action = 'consent.granted'`).toEqual([
      { actor: 'source:test' },
    ])
  })
})

describe('a withdrawal by an event', () => {
  test('recalls what waits for it, keeps the gate shut, and leaves the rest', async () => {
    await using out = await openOutward()
    await out.app.send(preferring(out, { [promotion]: true, analytics: true }))
    const [waiting, analytics] = [
      await out.propose('ada'),
      await out.propose('ada', { purpose: 'analytics' }),
    ]
    await out.app.send(updating(out, { [promotion]: false, analytics: true }))
    expect(await out.activation(waiting)).toMatchObject({
      state: 'recalled',
      error: 'consent_denied',
    })
    expect(await out.activation(analytics)).toMatchObject({ state: 'approved' })
    expect(await outcome(out)).toMatchObject({ error: 'consent_denied' })
    await out.dispatch()
    expect(out.receiver.keys()).toEqual([analytics])
  })

  test('counts for every name of the person, whichever merged', async () => {
    await using out = await openOutward()
    await out.app.send(identify('ada'), identify('anna'))
    await out.say('anna', 'granted')
    const waiting = await out.propose('anna')
    await out.app.send(alias('ada', 'anna'))
    await out.app.send(updating(out, { [promotion]: false }))
    expect(await out.activation(waiting)).toMatchObject({ state: 'recalled' })
    expect(await out.activation(await out.propose('anna'))).toMatchObject({
      error: 'consent_denied',
    })
  })

  test('that comes with the merge counts for both, and a grant with it is not lent', async () => {
    await using out = await openOutward()
    await out.app.send(identify('ada'), identify('anna'))
    await out.say('anna', 'denied', { channel: '*' })
    const merging = preferring(out, { [promotion]: true })
    await out.app.send({ ...merging, ...typeOf(alias('ada', 'anna')) })
    expect(await outcome(out)).toMatchObject({ error: 'consent_denied' })
    await out.app.send(updating(out, { [promotion]: true }))
    expect(await outcome(out)).toMatchObject({ state: 'approved' })
  })
})

const typeOf = ({ type, identifiers }: IncomingEvent) => ({ type, identifiers })

describe('Global Privacy Control', () => {
  const ads = { purpose: 'marketing.ads' }

  test('refuses advertising and recalls it, once, and nothing else', async () => {
    await using out = await openOutward()
    await out.app.send(preferring(out, { 'marketing.ads': true, [promotion]: true }))
    const waiting = await out.propose('ada', ads)
    expect(await out.activation(waiting)).toMatchObject({ state: 'approved' })
    await out.app.send(event(out, {}, { gpc: true }))
    expect(await out.activation(waiting)).toMatchObject({
      state: 'recalled',
      error: 'gpc_opt_out',
    })
    expect(await outcome(out, ads)).toMatchObject({ error: 'gpc_opt_out' })
    expect(await outcome(out)).toMatchObject({ state: 'approved' })
    const version = await out.app.sql`select version from legal_state`
    await out.app.send(event(out, {}, { gpc: true }))
    expect(await out.app.sql`select version from legal_state`).toEqual(version)
  })

  test('is not cleared by an event without it', async () => {
    await using out = await openOutward()
    await out.app.send(event(out, {}, { gpc: true }))
    await out.app.send(event(out, {}), preferring(out, { 'marketing.ads': true }))
    expect(await outcome(out, ads)).toMatchObject({ error: 'gpc_opt_out' })
  })
})

test('a TC string and a GPP string are heard, and a receipt is not stored', async () => {
  await using out = await openOutward()
  await out.app.send(event(out, { gppString: 'DBABTA~1YYN' }))
  expect(await current(out)).toEqual([{ purpose: 'marketing.ads', decision: 'denied' }])
  const body = { purposes: [{ Id: promotion, TransactionType: 'CONFIRMED' }] }
  await out.app.send(event(out, {}, { receipt: { dialect: 'onetrust', body } }))
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  const rows = await out.app.sql`select 1 from event where properties::text like '%CONFIRMED%'`
  expect(rows).toEqual([])
})
