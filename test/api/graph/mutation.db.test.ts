import { expect, test, vi } from 'vitest'
import type { Actions } from '../../../api/graph/context.ts'
import { fail } from '../../../core/errors.ts'
import { openGraph } from '../../support/graph.ts'

const createSource = `mutation ($name: String!) {
  createSource(input: { name: $name }) {
    source { id name writeKey } errors { code message remedy path } } }`

const createPrincipal = `mutation ($role: String!, $purposes: [String!]) {
  createPrincipal(input: { name: "shop", role: $role, purposes: $purposes }) {
    principal { id role purposes } key errors { code path } } }`

test('creates a source whose key is shown once, kept as a hash, and told of in the audit', async () => {
  await using graph = await openGraph()
  const { key } = await graph.principal('admin')
  const { data } = await graph.ask(key, createSource, { name: 'Shop' })
  expect(data).toMatchObject({
    createSource: {
      source: { name: 'Shop', writeKey: expect.stringMatching(/^wk_.{43}$/) },
      errors: [],
    },
  })
  const text = JSON.stringify(data)
  const writeKey = /wk_[\w-]{43}/.exec(text)?.[0] ?? ''
  const stored = JSON.stringify([
    await graph.sql`select * from source`,
    await graph.sql`select * from audit_inbox`,
  ])
  expect(stored).not.toContain(writeKey)
  expect(stored).toContain('source.create')
  const listed = await graph.ask(key, '{ sources { name writeKey } }')
  expect(listed.data).toEqual({ sources: [{ name: 'Shop', writeKey: null }] })
})

test('refuses a source to other roles, and leaves no trace of it', async () => {
  await using graph = await openGraph()
  for (const role of ['app', 'officer', 'operator', 'auditor', 'metrics'] as const) {
    const { key } = await graph.principal(role)
    const { data } = await graph.ask(key, createSource, { name: 'Shop' })
    expect(data).toMatchObject({ createSource: { source: null, errors: [{ code: 'forbidden' }] } })
  }
  expect(await graph.sql`select 1 from source`).toHaveLength(0)
  expect(await graph.sql`select 1 from audit_inbox`).toHaveLength(0)
})

test('creates a principal whose key works at once, with the purposes it was given', async () => {
  await using graph = await openGraph()
  const admin = await graph.principal('admin')
  const created = await graph.ask(admin.key, createPrincipal, {
    role: 'app',
    purposes: ['service'],
  })
  expect(created.data).toMatchObject({
    createPrincipal: { principal: { role: 'app', purposes: ['service'] }, errors: [] },
  })
  const key = /sb_\w{26}_[\w-]{43}/.exec(JSON.stringify(created.data))?.[0]
  await graph.profile({ id: '01A', identifiers: { user_id: 'u1' } })
  const read = await graph.ask(key, '{ profile(by: { namespace: "user_id", value: "u1" }) { id } }')
  expect(read.data).toMatchObject({ profile: { id: expect.any(String) } })
})

test('refuses a principal to who is no admin, and a role or purpose that does not exist', async () => {
  await using graph = await openGraph()
  const app = await graph.principal('app', ['service'])
  const admin = await graph.principal('admin')
  const refused = await graph.ask(app.key, createPrincipal, { role: 'admin' })
  expect(refused.data).toMatchObject({
    createPrincipal: { principal: null, key: null, errors: [{ code: 'forbidden' }] },
  })
  const unknown = await graph.ask(admin.key, createPrincipal, { role: 'root' })
  expect(unknown.data).toMatchObject({
    createPrincipal: { errors: [{ code: 'bad_input', path: ['input', 'role'] }] },
  })
  const wrong = await graph.ask(admin.key, createPrincipal, {
    role: 'app',
    purposes: ['Not A Purpose'],
  })
  expect(wrong.data).toMatchObject({
    createPrincipal: { errors: [{ code: 'bad_input', path: ['input', 'purposes', '0'] }] },
  })
})

test('an admin cannot revoke its own key, nor one that is not there', async () => {
  await using graph = await openGraph()
  const admin = await graph.principal('admin')
  const revoke = `mutation ($id: ID!) {
    revokePrincipal(input: { id: $id }) { revokedAt errors { code } } }`
  const encode = (id: string) => Buffer.from(`Principal:${id}`).toString('base64url')
  for (const [id, code] of [
    [encode(admin.id), 'bad_input'],
    [encode('01NOBODY'), 'not_found'],
    ['not an id', 'bad_input'],
  ]) {
    const { data } = await graph.ask(admin.key, revoke, { id })
    expect(data).toMatchObject({ revokePrincipal: { revokedAt: null, errors: [{ code }] } })
  }
})

test('hands a consent over as the ledger takes it, and gives user errors back as data', async () => {
  const recordConsent = vi.fn<Actions['recordConsent']>(async (_, { subject: __, ...consent }) => ({
    ...consent,
    id: '01C',
    collectedAt: new Date('2026-11-21T00:00:00Z'),
    expiresAt: null,
    jurisdiction: null,
    confirmation: null,
  }))
  await using graph = await openGraph({ actions: { recordConsent } })
  const { key } = await graph.principal('app', ['service'])
  const query = `mutation ($input: RecordConsentInput!) {
    recordConsent(input: $input) {
      consent { purpose channel decision basis proof { method } } errors { code path } } }`
  const input = {
    subject: { namespace: 'user_id', value: 'u1' },
    purpose: 'marketing.promotion',
    channel: 'webhook',
    decision: 'GRANTED',
    proof: { method: 'checkbox', noticeId: 'n1', noticeVersion: '2' },
  }
  const done = await graph.ask(key, query, { input })
  expect(done.data).toEqual({
    recordConsent: {
      consent: {
        purpose: 'marketing.promotion',
        channel: 'webhook',
        decision: 'GRANTED',
        basis: 'consent',
        proof: { method: 'checkbox' },
      },
      errors: [],
    },
  })
  expect(recordConsent.mock.calls[0]?.[1]).toMatchObject({ decision: 'granted', basis: 'consent' })
  const wrong = await graph.ask(key, query, { input: { ...input, purpose: 'Marketing!' } })
  expect(wrong.data).toMatchObject({
    recordConsent: { consent: null, errors: [{ code: 'bad_input', path: ['input', 'purpose'] }] },
  })
  recordConsent.mockRejectedValueOnce(
    fail('forbidden', { principal: 'p', action: 'record Consent' }),
  )
  const refused = await graph.ask(key, query, { input })
  expect(refused.data).toMatchObject({
    recordConsent: { consent: null, errors: [{ code: 'forbidden' }] },
  })
})

test('hands a proposal over and answers with the activation that was stored', async () => {
  const propose = vi.fn<Actions['propose']>(async () => ({ profileId: '01A', id: '01X' }))
  await using graph = await openGraph({ actions: { propose } })
  const { sql, workspaceId } = graph
  await graph.profile({ id: '01A' })
  await sql`
    insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
      content, cause, state, due_at, created_at, updated_at)
    values (${workspaceId}, '01A', '01X', 'principal', 'p1', 'service', 'webhook', '{}', 'c',
      'proposed', now(), now(), now())`
  const { key } = await graph.principal('app', ['service'])
  const { data, errors } = await graph.ask(
    key,
    `mutation { proposeActivation(input: { subject: { namespace: "user_id", value: "u1" },
      purpose: "service", channel: "webhook", destination: "https://example.com",
      content: { text: "hi", n: [1, null, true] } }) {
      activation { id state proposedBy { id kind } } errors { code } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    proposeActivation: {
      activation: { state: 'PROPOSED', proposedBy: { id: 'p1', kind: 'PRINCIPAL' } },
      errors: [],
    },
  })
  expect(propose.mock.calls[0]?.[1]).toMatchObject({
    subject: { namespace: 'user_id', value: 'u1' },
    proposal: { content: { text: 'hi', n: [1, null, true] }, fields: [] },
  })
})

test('takes a plugin as a path or as a file, from an admin only', async () => {
  const installPlugin = vi.fn<Actions['installPlugin']>(async () => ({
    plugin: 'probe',
    agents: [],
  }))
  await using graph = await openGraph({ actions: { installPlugin } })
  const admin = await graph.principal('admin')
  const app = await graph.principal('app')
  const query = `mutation ($path: String, $package: Upload) {
    installPlugin(input: { path: $path, package: $package }) { agents { id } errors { code } } }`
  const installed = { installPlugin: { agents: [], errors: [] } }
  expect((await graph.ask(admin.key, query, { path: '/plugins/x' })).data).toEqual(installed)
  const refused = await graph.ask(app.key, query, { path: '/plugins/x' })
  expect(refused.data).toMatchObject({ installPlugin: { errors: [{ code: 'forbidden' }] } })
  const form = new FormData()
  form.set('operations', JSON.stringify({ query, variables: { package: null } }))
  form.set('map', JSON.stringify({ 0: ['variables.package'] }))
  form.set('0', new File(['bytes'], 'plugin.tgz'))
  const uploaded = await graph.app.request('/graphql', {
    method: 'POST',
    headers: { Authorization: `Bearer ${admin.key}` },
    body: form,
  })
  expect(await uploaded.json()).toEqual({ data: installed })
  expect(installPlugin.mock.calls.map(([, origin]) => origin)).toEqual([
    { path: '/plugins/x' },
    { package: new TextEncoder().encode('bytes') },
  ])
  const neither = await graph.ask(admin.key, query, {})
  expect(neither.data).toMatchObject({ installPlugin: { errors: [{ code: 'bad_input' }] } })
})
