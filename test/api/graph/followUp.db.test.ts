import { expect, test } from 'vitest'
import { z } from 'zod'
import { encodeId } from '../../../api/graph/id.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openGraph } from '../../support/graph.ts'

const query = `{ profile(by: { namespace: "user_id", value: "u1" }) {
  followUps { kind state purpose channel destination attempts lastError endedAt } } }`

async function open() {
  const graph = await openGraph()
  await graph.profile({ id: '01A', identifiers: { user_id: 'u1' } })
  await graph.profile({ id: '01B', canonical: '01A', identifiers: { user_id: 'u2' } })
  await graph.profile({ id: '01C', identifiers: { user_id: 'u3' } })
  for (const [profileId, id] of [
    ['01B', '1'],
    ['01C', '2'],
  ]) {
    await graph.board.db.sql`
      insert into follow_up (workspace_id, profile_id, id, kind, purpose, channel, destination,
        activation_ids, reason, state, asked_at, due_at, attempts, last_error, updated_at)
      values (${graph.workspaceId}, ${profileId ?? ''}, ${id ?? ''}, 'opt_out', 'marketing', 'webhook',
        'https://shop.example/hook', '{}', 'consent_withdrawn', 'pending', now(), now(), 2, 'http_503', now())`
  }
  return graph
}

test('shows where a person stands with those who were told, merged profiles included', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  expect(await graph.ask(key, query)).toMatchObject({
    data: {
      profile: {
        followUps: [
          {
            kind: 'OPT_OUT',
            state: 'PENDING',
            purpose: 'marketing',
            channel: 'webhook',
            destination: 'https://shop.example/hook',
            attempts: 2,
            lastError: 'http_503',
            endedAt: null,
          },
        ],
      },
    },
  })
})

test('shows none of them to a caller who may not read activations', async () => {
  await using graph = await open()
  const { document } = shippedPolicy()
  const rules = document.rules.filter(({ id }) => id !== 'activations-are-read')
  await graph.activate({ ...document, rules }, 2)
  const { key } = await graph.principal('app', ['service'])
  const { data } = await graph.ask(key, query)
  expect(data).toEqual({ profile: { followUps: [] } })
})

type Graph = Awaited<ReturnType<typeof open>>

interface Row {
  id: string
  profileId?: string
  state?: string
  kind?: string
  attempts?: number
  destination?: string
  leaseOwner?: string
}

const put = (graph: Graph, row: Row) => {
  const { id, profileId = '01C', state = 'pending', kind = 'opt_out', attempts = 1 } = row
  const { destination = 'https://shop.example/hook', leaseOwner = null } = row
  return graph.board.db.sql`
    insert into follow_up (workspace_id, profile_id, id, kind, purpose, channel, destination, activation_ids,
      reason, state, asked_at, due_at, attempts, last_error, lease_owner, updated_at, ended_at)
    values (${graph.workspaceId}, ${profileId}, ${id}, ${kind}, null, 'webhook', ${destination}, '{}', 'test',
      ${state}, now(), now() + interval '1 hour', ${attempts}, 'http_503', ${leaseOwner}, now(),
      case when ${state}::text = 'pending' then null else now() end)`
}

const listQuery = `query ($filter: FollowUpFilter, $first: Int, $after: String) {
  followUps(filter: $filter, first: $first, after: $after) {
    edges { node { key profile state } } pageInfo { hasNextPage endCursor } } }`

const pageSchema = z.object({
  followUps: z.object({ edges: z.array(z.object({ node: z.object({ key: z.string() }) })) }),
})
const refusalSchema = z.object({
  retryFollowUp: z.object({ errors: z.array(z.object({ code: z.string() })) }),
})

async function keysOf(graph: Graph, key: string, variables = {}) {
  const { data, errors } = await graph.ask(key, listQuery, variables)
  if (errors) return errors.map(({ extensions }) => extensions['code'])
  return pageSchema.parse(data).followUps.edges.map(({ node }) => node.key)
}

test('lists those of everybody to officers, administrators and auditors, by what is asked', async () => {
  await using graph = await open()
  await put(graph, { id: '3', state: 'failed', kind: 'erasure' })
  await put(graph, {
    id: '4',
    state: 'acknowledged',
    attempts: 7,
    destination: 'https://b.example/',
  })
  await put(graph, { id: '5', attempts: 5 })
  for (const role of ['officer', 'admin', 'auditor'] as const) {
    const { key } = await graph.principal(role)
    expect(await keysOf(graph, key)).toEqual(['5', '4', '3', '2', '1'])
    expect(await keysOf(graph, key, { filter: { overdue: true } })).toEqual(['5', '3'])
  }
  const { key } = await graph.principal('officer')
  const by = (filter: object) => keysOf(graph, key, { filter })
  expect(await by({ state: 'PENDING' })).toEqual(['5', '2', '1'])
  expect(await by({ state: 'PENDING', overdue: true })).toEqual(['5'])
  expect(await by({ kind: 'ERASURE' })).toEqual(['3'])
  expect(await by({ destination: 'https://b.example/' })).toEqual(['4'])
  expect(await keysOf(graph, key, { first: 2 })).toEqual(['5', '4'])
  expect(await keysOf(graph, key, { first: 2, after: '4' })).toEqual(['3', '2'])
})

test('shows those of erased persons, and lists nothing to who may not read activations (refused)', async () => {
  await using graph = await open()
  await graph.board.db.sql`
    update legal_state set erased_at = now() where profile_id = '01C'`
  const officer = await graph.principal('officer')
  expect(await keysOf(graph, officer.key)).toEqual(['2', '1'])
  const metrics = await graph.principal('metrics')
  expect(await keysOf(graph, metrics.key)).toEqual(['forbidden'])
})

const retry = (graph: Graph, key: string, id: string) =>
  graph.ask(
    key,
    `mutation ($id: ID!) { retryFollowUp(input: { id: $id }) {
      followUp { key state attempts endedAt } errors { code message } } }`,
    { id: encodeId('FollowUp', `01C:${id}`) },
  )

test('one that was given up is tried again by the word of an officer, which goes on record', async () => {
  await using graph = await open()
  await put(graph, { id: '3', state: 'failed', attempts: 60 })
  const officer = await graph.principal('officer')
  expect((await retry(graph, officer.key, '3')).data).toEqual({
    retryFollowUp: {
      followUp: { key: '3', state: 'PENDING', attempts: 5, endedAt: null },
      errors: [],
    },
  })
  const { sql } = graph.board.db
  const at = graph.board.clock.now()
  const [due] = await sql`select id from follow_up where id = '3' and due_at <= ${at}`
  expect(due).toEqual({ id: '3' })
  const entries = await sql`
    select actor, object, payload from audit_inbox where action = 'follow_up.retry_by_hand'`
  expect(entries).toEqual([
    {
      actor: `principal:${officer.id}`,
      object: 'profile:01C',
      payload: { followUp: '3', kind: 'opt_out', channel: 'webhook', was: 'failed' },
    },
  ])
})

test('one that waits comes to its turn at once', async () => {
  await using graph = await open()
  await put(graph, { id: '3', attempts: 9 })
  const { key } = await graph.principal('operator')
  expect((await retry(graph, key, '3')).data).toMatchObject({
    retryFollowUp: { followUp: { state: 'PENDING', attempts: 5 } },
  })
})

test('neither what arrived nor what is on its way nor anything for an auditor is tried again (refused)', async () => {
  await using graph = await open()
  await put(graph, { id: '3', state: 'acknowledged' })
  await put(graph, { id: '4', leaseOwner: 'worker' })
  await put(graph, { id: '5', state: 'failed' })
  const { key } = await graph.principal('officer')
  const auditor = await graph.principal('auditor')
  const refusal = async (by: string, id: string) => {
    const { data } = await retry(graph, by, id)
    return refusalSchema.parse(data).retryFollowUp.errors.map(({ code }) => code)
  }
  expect(await refusal(key, '3')).toEqual(['follow_up_not_retryable'])
  expect(await refusal(key, '4')).toEqual(['follow_up_not_retryable'])
  expect(await refusal(key, '9')).toEqual(['not_found'])
  expect(await refusal(auditor.key, '5')).toEqual(['forbidden'])
  const audited = await graph.board.db.sql`
    select from audit_inbox where action = 'follow_up.retry_by_hand'`
  expect(audited).toEqual([])
})
