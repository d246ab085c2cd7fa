import { expect, test } from 'vitest'
import { defineConsentMapping } from '../../../core/admin/defineConsentMapping.ts'
import { definePurpose } from '../../../core/admin/definePurpose.ts'
import { publishNotice } from '../../../core/admin/publishNotice.ts'
import { confirmConsent } from '../../../core/flow/confirmConsent.ts'
import { setJurisdiction } from '../../../core/flow/setJurisdiction.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { identify, track } from '../../support/app.ts'
import { openOutward, type Outward } from '../../support/outward.ts'

const promotion = 'marketing.promotion'
const day = 24 * 3_600_000

async function officerOf({ app }: Outward) {
  const { key } = await app.principal('officer')
  const reader = await createDoorkeeper(app.board, app.policies).admit(key)
  if (!reader) throw new TypeError('the officer was not let in')
  return reader
}

const outcome = async (out: Outward, changes = {}) =>
  out.activation(await out.propose('ada', changes))

const asking = (out: Outward, more = {}) =>
  officerOf(out).then((officer) =>
    definePurpose(officer, {
      key: promotion,
      description: 'To send offers.',
      bases: ['consent'],
      needsGrant: true,
      ...more,
    }),
  )

test('a grant waits for its confirmation, and counts from then on, once', async () => {
  await using out = await openOutward()
  await asking(out, { doubleOptIn: ['webhook'] })
  const { decision, confirmation } = await out.say('ada', 'granted')
  expect(decision).toBe('pending')
  expect(await outcome(out)).toMatchObject({ state: 'refused', error: 'consent_pending' })
  const token = confirmation?.token ?? ''
  const confirmed = await confirmConsent(out.app.board, null, token)
  expect(confirmed).toMatchObject({ decision: 'granted', proof: { method: 'test' } })
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  await expect(confirmConsent(out.app.board, null, token)).rejects.toMatchObject({
    code: 'confirmation_unknown',
  })
  expect(JSON.stringify(await out.app.sql`select * from consent_pending`)).not.toContain(token)
})

test('a token of two clicks at once confirms once', async () => {
  await using out = await openOutward()
  await asking(out, { doubleOptIn: ['*'] })
  const { confirmation } = await out.say('ada', 'granted')
  const token = confirmation?.token ?? ''
  const clicks = await Promise.allSettled([
    confirmConsent(out.app.board, null, token),
    confirmConsent(out.app.board, null, token),
  ])
  expect(clicks.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('a token counts for seven days, in its workspace, and not after a refusal (refused)', async () => {
  await using out = await openOutward()
  await asking(out, { doubleOptIn: ['webhook'] })
  const refused = { code: 'confirmation_unknown' }
  const first = (await out.say('ada', 'granted')).confirmation?.token ?? ''
  const { board, workspaceId } = out.app
  await expect(confirmConsent(board, workspaceId + 1, first)).rejects.toMatchObject(refused)
  out.clock.advance(7 * day)
  await expect(confirmConsent(board, null, first)).rejects.toMatchObject(refused)
  const second = (await out.say('ada', 'granted')).confirmation?.token ?? ''
  await out.say('ada', 'withdrawn')
  await expect(confirmConsent(board, null, second)).rejects.toMatchObject(refused)
  expect(await outcome(out)).toMatchObject({ error: 'consent_withdrawn' })
})

test('a grant that waits takes no older grant away, and one confirmed elsewhere does not wait', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await asking(out, { doubleOptIn: ['webhook'] })
  expect((await out.say('ada', 'granted')).decision).toBe('pending')
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  const proof = { method: 'letter', confirmedAt: out.clock.now().toISOString() }
  expect((await out.say('bob', 'granted', { proof })).decision).toBe('granted')
})

test('a grant ends by its purpose at the latest, also one given before that was said', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await asking(out, { ttlDays: 30 })
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  out.clock.advance(30 * day)
  expect(await outcome(out)).toMatchObject({ error: 'consent_expired' })
  const late = new Date(out.clock.now().getTime() + 90 * day)
  const { collectedAt, expiresAt } = await out.say('ada', 'granted', { expiresAt: late })
  expect(expiresAt?.getTime()).toBe(collectedAt.getTime() + 30 * day)
})

test('a notice that accepts no older grants asks everybody anew, and refusals stay', async () => {
  await using out = await openOutward()
  const officer = await officerOf(out)
  const notice = { id: 'offers', language: 'en', text: 'We write to you.', purposes: [promotion] }
  const first = await publishNotice(officer, { ...notice, version: '1' })
  const proof = { noticeId: 'offers', noticeVersion: '1' }
  const said = await out.say('ada', 'granted', { proof })
  expect(said.proof).toMatchObject({ noticeHash: first.sha256, language: 'en' })
  await publishNotice(officer, { ...notice, version: '2', accepts: '1' })
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  await publishNotice(officer, { ...notice, version: '3' })
  expect(await outcome(out)).toMatchObject({ error: 'consent_notice_outdated' })
  await expect(
    publishNotice(officer, { ...notice, version: '4', accepts: '1' }),
  ).rejects.toMatchObject({ code: 'bad_input' })
  await out.say('ada', 'granted', { proof: { ...proof, noticeVersion: '3' } })
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
})

test('a grant on a notice that was published otherwise is refused, a refusal never', async () => {
  await using out = await openOutward()
  const notice = { id: 'offers', version: '1', language: 'en', text: 'x', purposes: ['analytics'] }
  await publishNotice(await officerOf(out), notice)
  const refused = { code: 'notice_mismatch' }
  for (const proof of [
    { noticeId: 'offers' },
    { noticeId: 'offers', noticeVersion: '2' },
    { noticeId: 'offers', noticeVersion: '1', noticeHash: 'a'.repeat(64) },
    { noticeId: 'offers', noticeVersion: '1', language: 'de' },
    // It tells nobody of promotions.
    { noticeId: 'offers', noticeVersion: '1' },
  ]) {
    await expect(out.say('ada', 'granted', { proof })).rejects.toMatchObject(refused)
    expect((await out.say('ada', 'denied', { proof })).decision).toBe('denied')
  }
  const unknown = { noticeId: 'of another site', noticeVersion: '9' }
  expect((await out.say('ada', 'granted', { proof: unknown })).proof).toEqual(unknown)
})

test('an id means what was said for its source, on the channels that were said', async () => {
  await using out = await openOutward()
  const officer = await officerOf(out)
  const targets = [{ purpose: promotion, channels: ['webhook'] }]
  await defineConsentMapping(officer, { dialect: 'segment', consentId: 'C1', targets })
  const now = out.clock.now()
  const context = { consent: { categoryPreferences: { C1: true } } }
  const times = { timestamp: now, originalTimestamp: now, receivedAt: now }
  await out.app.send(track('ada', 'Viewed', {}, { context, ...times }))
  expect(await out.app.sql`select purpose, channel from consent_current`).toEqual([
    { purpose: promotion, channel: 'webhook' },
  ])
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  expect(await outcome(out, { channel: 'email', destination: null })).toMatchObject({
    error: 'no_consent',
  })
})

const place = (out: Outward) => out.app.sql`
  select distinct jurisdiction, jurisdiction_source as source from legal_state`

test('a country places a person and costs nothing when it is said again; who declares is heard', async () => {
  await using out = await openOutward()
  const { app } = out
  await app.send(identify('ada', { address: { country: 'United States', state: 'CA' } }))
  expect(await place(out)).toEqual([{ jurisdiction: 'US-CA', source: 'trait' }])
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  const version = await app.sql`select version from legal_state`
  await app.send(identify('ada', { address: { country: 'United States', state: 'CA' } }))
  expect(await app.sql`select version from legal_state`).toEqual(version)
  const subject = { namespace: 'user_id', value: 'ada' }
  const declare = (jurisdiction: string | null) =>
    setJurisdiction(app.board, app.workspaceId, 'principal:x', { subject, jurisdiction })
  await declare('DE')
  expect(await outcome(out)).toMatchObject({ error: 'no_consent' })
  await app.send(identify('ada', { address: { country: 'US', state: 'TX' } }))
  expect(await place(out)).toEqual([{ jurisdiction: 'DE', source: 'declared' }])
  await declare(null)
  await app.send(identify('ada', { address: { country: 'US', state: 'VA' } }))
  expect(await place(out)).toEqual([{ jurisdiction: 'US-VA', source: 'trait' }])
})

test('who was placed apart before a merge is under the strictest law', async () => {
  await using out = await openOutward()
  const anonymous = [{ namespace: 'anonymous_id', value: 'a1' }]
  await out.app.send(identify('ada', { country: 'US', state: 'California' }))
  await out.app.send(identify('x', { country: 'FR' }, { identifiers: anonymous }))
  expect(await outcome(out)).toMatchObject({ state: 'approved' })
  const both = [{ namespace: 'user_id', value: 'ada' }, ...anonymous]
  await out.app.send(identify('ada', {}, { identifiers: both }))
  expect(await outcome(out)).toMatchObject({ error: 'no_consent' })
})
