import { expect, test } from 'vitest'
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
