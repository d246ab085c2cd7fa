import { expect, test } from 'vitest'
import { findProfile } from '../../../core/read/findProfile.ts'
import { listConsents } from '../../../core/read/listConsents.ts'
import { listEvents } from '../../../core/read/listEvents.ts'
import { listIdentifiers } from '../../../core/read/listIdentifiers.ts'
import { listProfiles } from '../../../core/read/listProfiles.ts'
import type { Profile } from '../../../core/read/profile.ts'
import { listRedactions, readTraits } from '../../../core/read/readTraits.ts'
import type { Reader } from '../../../core/read/reader.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openReading } from '../../support/reading.ts'

const anna = {
  id: '01A',
  traits: { plan: 'pro', score: 0.5, oldness: 1 },
  sealed: { email: 'anna@example.com' },
  identifiers: { user_id: 'u1', email: 'anna@example.com' },
  expired: ['oldness'],
}

async function open() {
  const reading = await openReading(shippedPolicy().document)
  await reading.define('plan', 'none')
  await reading.define('score', 'pseudonymous', ['analytics'])
  await reading.define('email', 'contact')
  return reading
}

async function find(reader: Reader, value = 'u1'): Promise<Profile> {
  const profile = await findProfile(reader, { by: { namespace: 'user_id', value } })
  return profile ?? expect.fail('the profile was not found')
}

const keysOf = async (reader: Reader, profile: Profile) =>
  (await readTraits(reader, [profile]))[0]?.map(({ key }) => key)

test('gives a permitted purpose its traits, and opens contact data from the vault', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('app', ['service'])
  const [traits] = await readTraits(reader, [await find(reader)])
  expect(traits).toMatchObject([
    {
      key: 'email',
      value: 'anna@example.com',
      confidence: 1,
      author: { kind: 'source', id: 'shop' },
    },
    { key: 'plan', value: 'pro', revision: 1, expiresAt: null },
  ])
})

test('withholds what the purpose does not cover, and says by which rule', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('app', ['analytics'])
  const profile = await find(reader)
  expect(await keysOf(reader, profile)).toEqual(['plan', 'score'])
  expect(listRedactions(reader, profile)).toEqual([
    { key: 'email', rule: expect.any(String), reason: expect.any(String) },
  ])
})

test('gives only the traits asked for', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('admin', ['analytics'])
  const [traits] = await readTraits(reader, [await find(reader)], ['plan'])
  expect(traits?.map(({ key }) => key)).toEqual(['plan'])
})

test('leaves expired traits out without a redaction', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('admin', ['analytics'])
  const profile = await find(reader)
  expect(await keysOf(reader, profile)).toEqual(['email', 'plan', 'score'])
  expect(listRedactions(reader, profile)).toEqual([])
})

test('finds by a contact identifier, and shows its value only to who may see contact data', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const by = { namespace: 'email', value: ' Anna@Example.com ' }
  const allowed = await reading.reader('app', ['service'])
  const refused = await reading.reader('app', ['analytics'])
  const values = async (reader: Reader) => {
    const profile = (await findProfile(reader, { by })) ?? expect.fail('not found')
    const [identifiers] = await listIdentifiers(reader, [profile])
    return Object.fromEntries(identifiers?.map((each) => [each.namespace, each.value]) ?? [])
  }
  expect(await values(allowed)).toEqual({ user_id: 'u1', email: 'anna@example.com' })
  expect(await values(refused)).toEqual({ user_id: 'u1', email: null })
})

test('reads a merged profile as the one it counts as, with everything of its members', async () => {
  await using reading = await open()
  const { sql, workspaceId } = reading
  await reading.profile(anna)
  await reading.profile({ id: '01B', canonical: '01A', identifiers: { anonymous_id: 'a1' } })
  const at = new Date('2026-11-20T00:00:00Z')
  await sql`
    insert into event (workspace_id, profile_id, id, source_id, message_id, type, name, properties,
      occurred_at, received_at)
    values (${workspaceId}, '01A', '01E1', 's', 'm1', 'track', 'One', '{"plan":"x","score":1}', ${at}, ${at}),
      (${workspaceId}, '01B', '01E2', 's', 'm2', 'track', 'Two', null, ${at}, ${at})`
  await sql`
    insert into consent_current (workspace_id, profile_id, purpose, channel, consent_id, decision,
      basis, proof, collected_at)
    values (${workspaceId}, '01A', 'marketing', 'email', 'c1', 'granted', 'consent', '{}', ${at}),
      (${workspaceId}, '01B', 'marketing', 'email', 'c2', 'withdrawn', 'consent', '{}', ${at})`
  const reader = await reading.reader('app', ['service'])
  const profile = await findProfile(reader, { by: { namespace: 'anonymous_id', value: 'a1' } })
  if (!profile) expect.fail('the member was not found')
  expect(profile.id).toBe('01A')
  expect((await findProfile(reader, { id: '01B' }))?.id).toBe('01A')
  const [identifiers] = await listIdentifiers(reader, [profile])
  expect(identifiers?.map(({ namespace }) => namespace).toSorted()).toEqual([
    'anonymous_id',
    'email',
    'user_id',
  ])
  const [first] = await listEvents(reader, [profile], { first: 1 })
  expect(first).toMatchObject({ hasNext: true, items: [{ id: '01E2', properties: {} }] })
  const [second] = await listEvents(reader, [profile], { first: 1, after: '01E2' })
  // `score` may be used for analytics alone, as a trait and as a property of that name.
  expect(second).toMatchObject({
    hasNext: false,
    items: [{ id: '01E1', properties: { plan: 'x' } }],
  })
  expect(second?.items[0]?.properties).not.toHaveProperty('score')
  const [consents] = await listConsents(reader, [profile])
  expect(consents).toMatchObject([{ decision: 'withdrawn' }])
})

test('withholds a part as a whole from roles that may not read it', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('operator')
  const profile = await find(reader)
  expect(await listEvents(reader, [profile], {})).toEqual([{ items: [], hasNext: false }])
  expect(listRedactions(reader, profile).map(({ key }) => key)).toContain('events')
})

test('refuses profiles to roles that may see none, before reading anything', async () => {
  await using reading = await open()
  const reader = await reading.reader('auditor')
  await expect(find(reader)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(listProfiles(reader, {}, 'oldest', {})).rejects.toMatchObject({ code: 'forbidden' })
})

test('a value whose data key was destroyed is gone for everyone', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('admin', ['analytics'])
  await reading.sql`delete from profile_key`
  expect(await keysOf(reader, await find(reader))).toEqual(['plan', 'score'])
})

test('an erased person exists for nobody', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const reader = await reading.reader('admin', ['analytics'])
  await reading.sql`update legal_state set erased_at = now()`
  expect(await findProfile(reader, { id: '01A' })).toBeNull()
  expect((await listProfiles(reader, {}, 'oldest', {})).items).toEqual([])
})

test('a sealed value that no definition explains is withheld, and shown once it is classified', async () => {
  await using reading = await open()
  await reading.profile({ ...anna, sealed: { nickname: 'ann' } })
  const reader = await reading.reader('admin', ['analytics'])
  const profile = await find(reader)
  expect(listRedactions(reader, profile)).toMatchObject([
    { key: 'nickname', reason: 'class_unsettled' },
  ])
  await reading.define('nickname', 'contact')
  reading.advance(100)
  expect(await keysOf(reader, await find(reader))).toContain('nickname')
})

test('lists only profiles that hold under the filter, page by page in both orders', async () => {
  await using reading = await open()
  for (const [id, plan] of Object.entries({
    '01A': 'pro',
    '01B': 'free',
    '01C': 'pro',
    '01D': 'pro',
  })) {
    await reading.profile({ id, traits: { plan } })
  }
  const reader = await reading.reader('app', ['service'])
  const filter = { traits: [{ key: 'plan', equals: 'pro' }] }
  const first = await listProfiles(reader, filter, 'oldest', { first: 2 })
  expect(first).toMatchObject({ items: [{ id: '01A' }, { id: '01C' }], hasNext: true })
  const rest = await listProfiles(reader, filter, 'oldest', { first: 2, after: '01C' })
  expect(rest).toMatchObject({ items: [{ id: '01D' }], hasNext: false })
  const newest = await listProfiles(reader, {}, 'newest', { first: 1 })
  expect(newest).toMatchObject({ items: [{ id: '01D' }], hasNext: true })
})

test('a filter on a trait finds nothing where the trait may not be seen', async () => {
  await using reading = await open()
  await reading.profile(anna)
  const filter = { traits: [{ key: 'score', equals: 0.5 }] }
  const allowed = await reading.reader('app', ['analytics'])
  const refused = await reading.reader('app', ['service'])
  expect((await listProfiles(allowed, filter, 'oldest', {})).items).toHaveLength(1)
  expect((await listProfiles(refused, filter, 'oldest', {})).items).toEqual([])
})

test('refuses a filter on sealed data and a page too large', async () => {
  await using reading = await open()
  const reader = await reading.reader('admin')
  const sealed = { traits: [{ key: 'email', equals: 'anna@example.com' }] }
  await expect(listProfiles(reader, sealed, 'oldest', {})).rejects.toMatchObject({
    code: 'bad_input',
  })
  await expect(listProfiles(reader, {}, 'oldest', { first: 101 })).rejects.toMatchObject({
    code: 'bad_input',
  })
})
