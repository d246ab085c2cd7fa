import { describe, expect, test } from 'vitest'
import { propose } from '../../../core/flow/propose.ts'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { consentInputSchema } from '../../../core/model/consent.ts'
import { proposalSchema } from '../../../core/model/activation.ts'
import { openTestApp, track, identify, type TestApp } from '../../support/app.ts'
import { openOutward, type Outward } from '../../support/outward.ts'
import { findTexts } from '../../support/scan.ts'
import { erase, lifeOf, planted } from './given.ts'

const texts = Object.values(planted)
const confirmedAt = '2026-01-01T00:00:00Z'
const said = texts.filter((text) => text !== planted.destination)

/** Ada with all that the platform can hold of her, and Bob, who shares a city with her and nothing else. */
async function openAda(): Promise<Outward & { ada: string }> {
  const out = await openOutward()
  const { app } = out
  await app.install('count')
  await app.send(...lifeOf())
  await app.send(identify('bob', { email: 'bob@example.org' }), track('bob', 'Order'))
  const { userId, origin, content, destination } = planted
  await out.say(userId, 'granted', {
    proof: { method: 'form', noticeId: 'n-1', origin, confirmedAt },
  })
  await out.say('bob', 'granted', { proof: { method: 'form', origin: 'kept' } })
  const to = `${out.receiver.url}/hook?token=${destination}`
  const more = { destination: to, content: { text: content }, fields: ['city', 'email'] }
  await out.propose(userId, more)
  await out.dispatch()
  await out.propose(userId, more)
  await app.send(track(userId, 'Order', { note: planted.note }))
  const ada = await app.profileOf(userId)
  await app.sql`
    insert into profile_state (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
    values (${app.workspaceId}, ${ada}, 'count', 1, 1, ${app.sql.json({ note: planted.note })}, 40, now())`
  return { ...out, ada }
}

const count = async ({ sql }: TestApp, table: string, profileIds: readonly string[]) => {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from ${sql(table)} where profile_id = any(${[...profileIds]})`
  return row?.n ?? 0
}

describe('a person who was erased', () => {
  test('is found nowhere in the database by anything that was ever said of them', async () => {
    await using out = await openAda()
    const { app, ada } = out
    const before = await findTexts(app.sql, texts)
    // The scan finds what stands in the open, and so would have found what is left.
    for (const place of [
      'activation.content',
      'activation.destination',
      'consent_event.proof',
      'event.properties',
      'identifier.value',
      'profile.traits',
      'profile_state.state',
    ]) {
      expect(
        before.some((found) => found.startsWith(`${place}:`)),
        place,
      ).toBe(true)
    }
    await erase(app, ada)
    // But for the way to the recipient, who has yet to be told.
    const way = `follow_up.destination: ${planted.destination}`
    expect(await findTexts(app.sql, texts)).toEqual([way])
    expect(await findTexts(app.sql, ['bob'])).not.toEqual([])
  })

  test('is unreadable where rows of theirs survive elsewhere: the key is gone', async () => {
    await using out = await openAda()
    const { app, ada } = out
    const members = await app.sql<{ id: string }[]>`
      select id from profile where canonical_id = ${ada} order by id`
    expect(members).toHaveLength(2)
    const ids = members.map(({ id }) => id)
    expect(await count(app, 'profile_key', ids)).toBeGreaterThan(0)
    await erase(app, ada)
    expect(await count(app, 'profile_key', ids)).toBe(0)
    const bob = await app.profileOf('bob')
    expect(await count(app, 'profile_key', [bob])).toBe(1)
  })

  test('leaves the others as they were', async () => {
    await using out = await openAda()
    const { app, ada } = out
    const bob = await app.profileOf('bob')
    const all = () =>
      Promise.all(
        ['event', 'change', 'identifier', 'vault', 'agenda', 'consent_event', 'legal_state'].map(
          (table) =>
            app.sql`select * from ${app.sql(table)} where profile_id = ${bob} order by 1, 2, 3`,
        ),
      )
    const before = await all()
    expect(before.every((rows) => rows.length > 0)).toBe(true)
    await erase(app, ada)
    expect(await all()).toEqual(before)
  })

  test('keeps the proof that consent was given, and nothing in it of who gave it', async () => {
    await using out = await openAda()
    const { app, ada } = out
    await erase(app, ada)
    const rows = await app.sql`
      select purpose, channel, decision, proof from consent_event where profile_id = ${ada}`
    expect(rows).toMatchObject([
      {
        purpose: 'marketing.promotion',
        channel: 'webhook',
        decision: 'granted',
        proof: { method: 'form', noticeId: 'n-1', confirmedAt },
      },
    ])
    expect(Object.keys(rows[0]?.['proof'])).toHaveLength(3)
  })

  test('has what waited recalled, and what was sent kept as evidence with the host it went to', async () => {
    await using out = await openAda()
    const { app, ada } = out
    // Who has the collector's data could find the person by it.
    await app.sql`
      update activation set trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'`
    await erase(app, ada)
    const rows = await app.sql`
      select state, content, destination, last_error as error, trace from activation order by id`
    const blank = { content: {}, destination: out.receiver.url, trace: null }
    expect(rows).toEqual([
      { state: 'sent', error: null, ...blank },
      { state: 'recalled', error: 'erased', ...blank },
    ])
    expect(await out.dispatch()).toBe(0)
    expect(out.receiver.keys()).toHaveLength(1)
  })

  test('is erased once: whoever asks again gets the same receipt', async () => {
    await using out = await openAda()
    const receipt = await erase(out.app, out.ada)
    expect(await erase(out.app, out.ada)).toEqual(receipt)
  })
})

test('a profile that is not there is not erased (refused)', async () => {
  await using app = await openTestApp({ works: false })
  await expect(erase(app, 'nobody')).rejects.toMatchObject({ code: 'not_found' })
})

test('a person under legal hold is not erased until the hold is lifted (refused)', async () => {
  await using out = await openAda()
  const { app, ada } = out
  await app.sql`update legal_state set legal_hold = true where profile_id = ${ada}`
  await expect(erase(app, ada)).rejects.toMatchObject({ code: 'legal_hold' })
  expect(await findTexts(app.sql, [planted.city])).not.toEqual([])
  await app.sql`update legal_state set legal_hold = false where profile_id = ${ada}`
  await erase(app, ada)
  expect(await findTexts(app.sql, [planted.city])).toEqual([])
})

describe('the tombstones', () => {
  const statuses = (results: { status: string; code?: string }[]) =>
    results.map(({ status, code }) => code ?? status)

  test('keep late events, replays and imports out, under whatever else they carry', async () => {
    await using out = await openAda()
    const { app, ada } = out
    const replayed = lifeOf()
    await erase(app, ada)
    const fresh = { namespace: 'user_id', value: 'planted-fresh' }
    const late = [
      ...replayed,
      track(planted.userId, 'Late', {}, { originalTimestamp: new Date(0), timestamp: new Date(0) }),
      {
        ...track('planted-fresh', 'Late'),
        identifiers: [fresh, { namespace: 'email', value: planted.email }],
      },
      identify('planted-fresh', { phone: planted.phone }),
      track(planted.formerId, 'Late'),
    ]
    const answers = await app.send(...late, track('carol', 'Order'))
    expect(statuses(answers)).toEqual([...late.map(() => 'subject_erased'), 'accepted'])
    expect(await findTexts(app.sql, [...said, 'planted-fresh'])).toEqual([])
    expect(await app.sql`select from event where name = 'Late'`).toHaveLength(0)
  })

  test('answer a repeated message in the same way, as nothing of it was kept', async () => {
    await using out = await openAda()
    await erase(out.app, out.ada)
    const late = track(planted.userId, 'Late')
    expect(statuses(await out.app.send(late, late))).toEqual(['subject_erased', 'subject_erased'])
    expect(statuses(await out.app.send(late))).toEqual(['subject_erased'])
  })

  test('do not count as somebody for consents and proposals (refused)', async () => {
    await using out = await openAda()
    const { app, ada, deps } = out
    await erase(app, ada)
    const subject = { namespace: 'email', value: planted.email }
    const consent = consentInputSchema.parse({
      subject,
      purpose: 'marketing.promotion',
      channel: 'email',
      decision: 'granted',
    })
    const { board, intake, workspaceId } = app
    await expect(
      recordConsent(board, intake, workspaceId, 'principal:x', consent),
    ).rejects.toMatchObject({ code: 'subject_erased' })
    const proposal = proposalSchema.parse({ purpose: 'marketing.promotion', channel: 'email' })
    await expect(propose(deps, workspaceId, 'x', subject, proposal)).rejects.toMatchObject({
      code: 'subject_erased',
    })
    expect(await findTexts(app.sql, said)).toEqual([])
  })
})
