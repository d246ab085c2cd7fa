import { expect, test } from 'vitest'
import { z } from 'zod'
import { openGraph } from '../../support/graph.ts'

const anna = {
  id: '01A',
  traits: { plan: 'pro' },
  sealed: { email: 'anna@example.com' },
  identifiers: { user_id: 'u1', email: 'anna@example.com' },
}

const profileQuery = `query ($value: String!) {
  profile(by: { namespace: "user_id", value: $value }) {
    id
    identifiers { namespace value }
    traits { key value confidence author { id kind } revision writtenAt expiresAt }
    redactions { key rule reason }
    consents { decision }
    events(first: 5) { edges { cursor node { name } } pageInfo { hasNextPage } }
    activations(first: 5) { edges { node { id } } }
  }
}`

async function open(options = {}) {
  const graph = await openGraph(options)
  await graph.define('plan', 'none')
  await graph.define('email', 'contact')
  await graph.profile(anna)
  return graph
}

test('answers a profile by identifier, with what the purpose covers', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  const { data, errors } = await graph.ask(key, profileQuery, { value: 'u1' })
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    profile: {
      identifiers: [
        { namespace: 'email', value: 'anna@example.com' },
        { namespace: 'user_id', value: 'u1' },
      ],
      traits: [
        { key: 'email', value: 'anna@example.com' },
        { key: 'plan', value: 'pro', author: { id: 'shop', kind: 'SOURCE' } },
      ],
      redactions: [],
    },
  })
})

test('shows with an estimate how sure it is, and nothing of the kind with what was stated', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  const interval = { low: 0.6, high: 0.8, level: 0.95, method: 'wilson' }
  await graph.define('risk', 'none')
  const made = {
    revision: 1,
    author: { kind: 'agent', id: 'a/b' },
    confidence: 1,
    cause: 'test',
    interval,
  }
  await graph.sql`
    update profile set traits = traits || '{"risk": 0.7}', provenance = provenance || jsonb_build_object('risk',
      ${JSON.stringify({ ...made, writtenAt: new Date().toISOString() })}::text::jsonb)`
  const query = profileQuery.replace('confidence', 'interval { low high level method }')
  const { data } = await graph.ask(key, query, { value: 'u1' })
  expect(data).toMatchObject({
    profile: {
      traits: [{ interval: null }, { interval: null }, { key: 'risk', value: 0.7, interval }],
    },
  })
})

test('masks each property on its own for a purpose that does not cover it', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['analytics'])
  const { data } = await graph.ask(key, profileQuery, { value: 'u1' })
  expect(data).toMatchObject({
    profile: {
      identifiers: [
        { namespace: 'email', value: null },
        { namespace: 'user_id', value: 'u1' },
      ],
      traits: [{ key: 'plan', value: 'pro' }],
      redactions: [{ key: 'email' }],
    },
  })
  expect(JSON.stringify(data)).not.toContain('anna@example.com')
})

test('refuses a caller without a key, with a wrong one, and with a revoked one within a second', async () => {
  await using graph = await open()
  const admin = await graph.principal('admin')
  const app = await graph.principal('app', ['service'])
  for (const key of [undefined, 'sb_wrong', `${app.key}x`]) {
    const answer = await graph.ask(key, profileQuery, { value: 'u1' })
    expect(answer).toMatchObject({
      status: 401,
      error: { code: 'unauthorized', requestId: answer.requestId },
      errors: [{ extensions: { code: 'unauthorized' } }],
    })
  }
  expect((await graph.ask(app.key, profileQuery, { value: 'u1' })).status).toBe(200)
  const listed = await graph.ask(admin.key, '{ principals { id name } }')
  const { principals } = z
    .object({ principals: z.array(z.object({ id: z.string(), name: z.string() })) })
    .parse(listed.data)
  const id = principals.find(({ name }) => name === 'app')?.id
  const revoked = await graph.ask(
    admin.key,
    'mutation ($id: ID!) { revokePrincipal(input: { id: $id }) { revokedAt errors { code } } }',
    { id },
  )
  expect(revoked.data).toMatchObject({ revokePrincipal: { errors: [] } })
  graph.advance(1000)
  expect((await graph.ask(app.key, profileQuery, { value: 'u1' })).status).toBe(401)
})

test('answers null for a profile that does not exist, and an error to who may see none', async () => {
  await using graph = await open()
  const app = await graph.principal('app', ['service'])
  const auditor = await graph.principal('auditor')
  expect((await graph.ask(app.key, profileQuery, { value: 'nobody-here' })).data).toEqual({
    profile: null,
  })
  const refused = await graph.ask(auditor.key, profileQuery, { value: 'u1' })
  expect(refused.errors).toMatchObject([
    { extensions: { code: 'forbidden', remedy: expect.any(String), requestId: refused.requestId } },
  ])
})

test('lists profiles with their parts in one statement each, and refetches by global id', async () => {
  await using graph = await open()
  await graph.profile({ id: '01B', traits: { plan: 'free' }, identifiers: { user_id: 'u2' } })
  const { key } = await graph.principal('app', ['service'])
  const { data, errors } = await graph.ask(
    key,
    `{ profiles(first: 1, filter: { traits: [{ key: "plan", equals: "free" }] }, orderBy: NEWEST) {
      edges { cursor node { id identifiers { value } traits(keys: ["plan"]) { value } } }
      pageInfo { hasNextPage endCursor } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    profiles: {
      edges: [{ node: { identifiers: [{ value: 'u2' }], traits: [{ value: 'free' }] } }],
      pageInfo: { hasNextPage: false, endCursor: '01B' },
    },
  })
  const id = Buffer.from('Profile:01B').toString('base64url')
  const again = await graph.ask(
    key,
    'query ($id: ID!) { node(id: $id) { id } profile(id: $id) { id } }',
    { id },
  )
  expect(again.data).toEqual({ node: { id }, profile: { id } })
})

test('reads an activation with its decision, and hides both from who may not see the profile', async () => {
  await using graph = await open()
  const { sql, workspaceId } = graph
  const at = new Date('2026-11-20T00:00:00Z')
  await sql`
    insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
      content, cause, state, decision_id, due_at, created_at, updated_at)
    values (${workspaceId}, '01A', '01X', 'agent', 'shop/offers', 'marketing', 'email', '{}', 'c',
      'refused', '01D', ${at}, ${at}, ${at})`
  await sql`
    insert into decision (workspace_id, profile_id, id, activation_id, kind, outcome, reason, checks,
      policy_number, legal_version, profile_revision, engine, decided_at)
    values (${workspaceId}, '01A', '01D', '01X', 'plan', 'refuse', 'no_consent',
      '[{"name":"lawful_basis","verdict":"fail","reason":"no_consent","evidence":[]}]', 1, 1, 0, 'test', ${at})`
  const officer = await graph.principal('officer')
  const listed = await graph.ask(
    officer.key,
    `{ profile(by: { namespace: "user_id", value: "u1" }) { activations { edges { node {
      id state proposedBy { id kind } decision { id allowed outcome decidedAt
        checks { name verdict reason evidence } policyVersion { number status } } } } } } }`,
  )
  expect(listed.errors).toBeUndefined()
  expect(listed.data).toMatchObject({
    profile: {
      activations: {
        edges: [
          {
            node: {
              state: 'REFUSED',
              proposedBy: { id: 'shop/offers', kind: 'AGENT' },
              decision: {
                allowed: false,
                outcome: 'REFUSE',
                checks: [{ name: 'lawful_basis', verdict: 'FAIL' }],
                policyVersion: { number: 1, status: 'ACTIVE' },
              },
            },
          },
        ],
      },
    },
  })
  const id = Buffer.from('Activation:01A:01X').toString('base64url')
  const query = 'query ($id: ID!) { activation(id: $id) { state } node(id: $id) { id } }'
  expect((await graph.ask(officer.key, query, { id })).data).toMatchObject({
    activation: { state: 'REFUSED' },
  })
  await sql`update legal_state set erased_at = now()`
  expect((await graph.ask(officer.key, query, { id })).data).toEqual({
    activation: null,
    node: null,
  })
})

test('refuses operations that ask for too much, before reading', async () => {
  await using graph = await open()
  const { key } = await graph.principal('admin')
  const deep = `{ profiles { edges { node { activations { edges { node { decision { policyVersion {
    ...a } } } } } } } } } fragment a on PolicyVersion { ...b } fragment b on PolicyVersion { number }`
  expect((await graph.ask(key, deep)).errors).toBeUndefined()
  const aliased = `{ ${Array.from({ length: 16 }, (_, at) => `p${at}: agents { id }`).join(' ')} }`
  const costly =
    '{ profiles(first: 100) { edges { node { events(first: 100) { edges { cursor } } } } } }'
  const long = `{ agents { ${'id '.repeat(1200)} } }`
  for (const query of [aliased, costly]) {
    const answer = await graph.ask(key, query)
    expect(answer.errors).toMatchObject([{ extensions: { code: 'query_too_large' } }])
    expect(answer.data).toBeUndefined()
  }
  expect((await graph.ask(key, long)).errors?.[0]?.message).toContain('token')
})

test('reads no batches and no mutations by GET, and tells nothing of the schema in production', async () => {
  await using graph = await open({ production: true })
  const { key } = await graph.principal('admin')
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
  const mutation = encodeURIComponent(
    'mutation { createSource(input: { name: "x" }) { source { id } } }',
  )
  const byGet = await graph.app.request(`/graphql?query=${mutation}`, { headers })
  expect(byGet.status).toBe(405)
  const batch = await graph.app.request('/graphql', {
    method: 'POST',
    headers,
    body: JSON.stringify([{ query: '{ agents { id } }' }, { query: '{ agents { id } }' }]),
  })
  expect(batch.status).toBe(400)
  const introspected = await graph.ask(key, '{ __schema { types { name } } }')
  expect(introspected.data).toBeUndefined()
  const misspelt = await graph.ask(key, '{ agent { id } }')
  expect(misspelt.errors).toMatchObject([{ extensions: { code: 'query_invalid' } }])
  expect(misspelt.errors?.[0]?.message).not.toContain('Did you mean')
  const page = await graph.app.request('/graphql', { headers: { Accept: 'text/html' } })
  expect(page.status).toBe(401)
})

test('shows GraphiQL and introspection outside production', async () => {
  await using graph = await open()
  const page = await graph.app.request('/graphql', { headers: { Accept: 'text/html' } })
  expect(await page.text()).toContain('Slateboard')
  const { key } = await graph.principal('admin')
  expect((await graph.ask(key, '{ __schema { queryType { name } } }')).data).toMatchObject({
    __schema: { queryType: { name: 'Query' } },
  })
})

test('masks what is unexpected, and leaves its text out of answer and log', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  await graph.sql`update vault set sealed = '\\x00'`
  const answer = await graph.ask(key, profileQuery, { value: 'u1' })
  expect(answer.errors).toMatchObject([{ extensions: { code: 'vault_unreadable' } }])
  await graph.sql`alter table profile rename to hidden_profile`
  const masked = await graph.ask(key, profileQuery, { value: 'u1' })
  expect(masked.errors).toMatchObject([
    {
      message: 'Something failed inside Slateboard.',
      extensions: { code: 'internal', requestId: masked.requestId },
    },
  ])
  expect(JSON.stringify(masked)).not.toContain('relation')
})
