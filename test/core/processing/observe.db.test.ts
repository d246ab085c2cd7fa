import { expect, test } from 'vitest'
import { findProfile } from '../../../core/read/findProfile.ts'
import { listIdentifiers } from '../../../core/read/listIdentifiers.ts'
import { listProcessingFindings, listProcessingRecords } from '../../../core/read/listProcessing.ts'
import { readTraits } from '../../../core/read/readTraits.ts'
import { identify, openTestApp, testClock, track, type TestApp } from '../../support/app.ts'
import { openOutward } from '../../support/outward.ts'
import { readerOf } from '../../support/readerOf.ts'

async function look(app: TestApp, userId: string, purposes: string[]): Promise<void> {
  const reader = await readerOf(app, 'app', purposes)
  const profile = await findProfile(reader, { by: { namespace: 'user_id', value: userId } })
  if (!profile) throw new TypeError(`${userId} is missing`)
  await readTraits(reader, [profile])
  await listIdentifiers(reader, [profile])
}

const counted = async (app: TestApp, kind: string) => {
  await app.observations.flush()
  const rows = await app.sql`
    select actor, purpose, object, data_class, count from observed_access
    where kind = ${kind} order by actor, object`
  return rows.map((row) => Object.values(row).join(' '))
}

test('what agents are handed and write is counted, by agent and purpose, and never a value', async () => {
  await using app = await openTestApp()
  await app.install('tour')
  await app.send(identify('ada', { email: 'ada@canary.test', plan: 'canary' }))
  for (let at = 0; at < 3; at += 1) {
    await app.send(track('ada', 'Order Completed', { total: 5, note: 'canary' }))
    await app.idle()
  }
  expect(await counted(app, 'read')).toEqual([
    expect.stringMatching(/^agent:tour\/count analytics property:total pseudonymous [123]$/),
    expect.stringMatching(/^agent:tour\/count analytics trait:orders pseudonymous [12]$/),
    expect.stringMatching(/^agent:tour\/thank marketing trait:orders pseudonymous [123]$/),
    expect.stringMatching(/^agent:tour\/thank marketing trait:thanked none [12]$/),
  ])
  expect(await counted(app, 'write')).toContainEqual(
    expect.stringMatching(/^agent:tour\/count analytics trait:orders pseudonymous [123]$/),
  )
  const rows = await app.sql`select row_to_json(o)::text as row from observed_access o`
  expect(JSON.stringify(rows)).not.toMatch(/canary/)
})

test('what a principal is shown is counted, and what is withheld is not; days stay apart', async () => {
  const clock = testClock(new Date('2026-01-31T23:00:00Z'))
  await using app = await openTestApp({ works: false, clock })
  await app.send(identify('ada', { plan: 'pro', diagnosis: 'x' }))
  await look(app, 'ada', ['analytics'])
  await look(app, 'ada', ['analytics'])
  expect(await counted(app, 'read')).toEqual([
    'principal:app analytics identifier:user_id pseudonymous 2',
    'principal:app analytics trait:plan pseudonymous 2',
  ])
  clock.advance(2 * 3_600_000)
  await look(app, 'ada', ['analytics'])
  await app.observations.flush()
  const days = await app.sql`
    select day::text, count from observed_access where object = 'trait:plan' order by day`
  expect([...days]).toEqual([
    { day: '2026-01-31', count: 2 },
    { day: '2026-02-01', count: 1 },
  ])
})

test('what left is counted with the host that it left to, when it was delivered and not before', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.app.send(identify('ada', { plan: 'pro' }))
  await out.propose('ada', { fields: ['plan'], content: { text: 'canary' } })
  await out.decide()
  expect(await counted(out.app, 'send')).toEqual([])
  await out.dispatch()
  const sent = await counted(out.app, 'send')
  expect(sent).toContainEqual(
    expect.stringMatching(/ marketing\.promotion host:127\.0\.0\.1 none 1$/),
  )
  expect(sent).toContainEqual(
    expect.stringMatching(/ marketing\.promotion channel:webhook none 1$/),
  )
  expect(JSON.stringify(sent)).not.toMatch(/canary|hook\//)
})

test('counts that could not be written are kept and written with the next, none lost and none twice', async () => {
  await using app = await openTestApp({ works: false })
  await app.send(identify('ada', { plan: 'pro' }))
  await look(app, 'ada', ['analytics'])
  await app.sql`alter table observed_access rename to observed_access_gone`
  await expect(app.observations.flush()).rejects.toMatchObject({ code: '42P01' })
  await look(app, 'ada', ['analytics'])
  await app.sql`alter table observed_access_gone rename to observed_access`
  expect(await counted(app, 'read')).toContain('principal:app analytics trait:plan pseudonymous 2')
})

test('records and findings are for who may read the audit log, and come from what runs here', async () => {
  await using app = await openTestApp()
  await app.install('tour')
  await app.send(
    identify('ada', { email: 'ada@x.test' }),
    track('ada', 'Order Completed', { total: 5 }),
  )
  await app.idle()
  await app.observations.flush()
  const officer = await readerOf(app, 'officer')
  const records = await listProcessingRecords(officer, 30)
  const thanks = records.find(({ id }) => id === 'agent:tour/thank proposes marketing.promotion')
  expect(thanks).toMatchObject({ fields: ['firstName'], needsConsent: true, state: 'active' })
  expect(records.find(({ id }) => id === 'agent:tour/count analytics')?.observed).not.toBeNull()
  expect(await listProcessingFindings(officer, 30)).toContainEqual(
    expect.objectContaining({ code: 'kept_without_end', object: 'trait:email' }),
  )
  const undeclared = (await listProcessingFindings(officer, 30)).filter(
    ({ code }) => code === 'undeclared_access',
  )
  expect(undeclared).toEqual([])
  const shop = await readerOf(app, 'app')
  await expect(listProcessingRecords(shop, 30)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(listProcessingFindings(shop, 30)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(listProcessingRecords(officer, 0)).rejects.toMatchObject({ code: 'bad_input' })
})
