import { expect, test } from 'vitest'
import { z } from 'zod'
import { encodeId } from '../../../api/graph/id.ts'
import type { ParkedReason } from '../../../core/model/reaction.ts'
import { openGraph } from '../../support/graph.ts'

async function open() {
  const graph = await openGraph()
  await graph.profile({ id: '01A', identifiers: { user_id: 'u1' } })
  await graph.profile({ id: '01B', canonical: '01A', identifiers: { user_id: 'u2' } })
  await graph.profile({ id: '01C', identifiers: { user_id: 'u3' } })
  await put(graph, { profileId: '01A', agent: 'p/one' })
  await put(graph, { profileId: '01B', agent: 'p/one', parked: 'loop', trail: 'p/one q/two' })
  await put(graph, { profileId: '01C', agent: 'p/one', leaseOwner: 'w' })
  await put(graph, { profileId: '01C', agent: 'q/two', dueAt: graph.board.clock.now() })
  await put(graph, { profileId: '01A', agent: 'q/two', parked: 'dead' })
  return graph
}
type Graph = Awaited<ReturnType<typeof openGraph>>

interface Row {
  profileId: string
  agent: string
  parked?: ParkedReason
  trail?: string
  leaseOwner?: string
  dueAt?: Date
  workspaceId?: number
}

async function put(graph: Graph, row: Row): Promise<void> {
  const { profileId, agent, parked = null, trail = '', leaseOwner = null, dueAt = null } = row
  const { board, workspaceId } = graph
  const rank = parked === null && dueAt === null ? -50 : null
  const enqueuedAt = new Date(board.clock.now().getTime() - 90_000)
  await board.db.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, rank, parked, causes, hop, trail, attempts,
      last_error, lease_owner, due_at, enqueued_at)
    values (${row.workspaceId ?? workspaceId}, ${profileId}, ${agent}, 50, ${rank}, ${parked},
      '{e:01A:secret-event,e:01A:other,t:01T:secret_trait}', 2, ${trail}, 3, 'plugin_threw', ${leaseOwner},
      ${dueAt}, ${enqueuedAt})`
}

const query = `query ($filter: ReactionFilter, $first: Int, $after: String) {
  reactions(filter: $filter, first: $first, after: $after) {
    edges { cursor node { id profile agent state parked reason causes { kind count } trail hop attempts error } }
    pageInfo { hasNextPage endCursor } } }`

const pageSchema = z.object({
  reactions: z.object({
    edges: z.array(
      z.object({ node: z.looseObject({ id: z.string(), agent: z.string(), state: z.string() }) }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})

async function page(graph: Graph, key: string, variables = {}) {
  const { data, errors } = await graph.ask(key, query, variables)
  expect(errors).toBeUndefined()
  return pageSchema.parse(data).reactions
}

const statesOf = ({ edges }: Awaited<ReturnType<typeof page>>): string[] =>
  edges.map(({ node }) => `${node.agent} ${node.state}`)

test('lists what is on the agenda by what is asked, to whoever may read plugins', async () => {
  await using graph = await open()
  for (const role of ['admin', 'operator', 'officer'] as const) {
    const { key } = await graph.principal(role, ['service'])
    const by = async (filter: object) => statesOf(await page(graph, key, { filter }))
    expect(await by({})).toEqual([
      'p/one PENDING',
      'p/one PARKED',
      'p/one RUNNING',
      'q/two SNOOZED',
      'q/two PARKED',
    ])
    expect(await by({ agent: 'q/two' })).toEqual(['q/two SNOOZED', 'q/two PARKED'])
    expect(await by({ plugin: 'q', parked: 'DEAD' })).toEqual(['q/two PARKED'])
    for (const state of ['PENDING', 'RUNNING'])
      expect(await by({ state })).toEqual([`p/one ${state}`])
    expect(await by({ state: 'SNOOZED' })).toEqual(['q/two SNOOZED'])
    expect(await by({ state: 'PARKED' })).toEqual(['p/one PARKED', 'q/two PARKED'])
    // Those of a person are those of all profiles that count as them.
    const profile = encodeId('Profile', '01A')
    expect(await by({ profile })).toEqual(['p/one PENDING', 'p/one PARKED', 'q/two PARKED'])
  }
})

test('says why one is parked, of what kinds its causes are, and no more of them', async () => {
  await using graph = await open()
  const { key } = await graph.principal('operator', ['service'])
  const { edges } = await page(graph, key, { filter: { parked: 'LOOP' } })
  expect(edges.map(({ node }) => node)).toEqual([
    {
      id: encodeId('Reaction', '01B:p/one'),
      profile: encodeId('Profile', '01B'),
      agent: 'p/one',
      state: 'PARKED',
      parked: 'LOOP',
      reason: expect.stringContaining('in a ring: p/one → q/two → p/one.'),
      causes: [
        { kind: 'event', count: 2 },
        { kind: 'trait', count: 1 },
      ],
      trail: ['p/one', 'q/two'],
      hop: 2,
      attempts: 3,
      error: 'plugin_threw',
    },
  ])
  expect(JSON.stringify(edges)).not.toContain('secret')
})

test('cuts pages that hold everything once', async () => {
  await using graph = await open()
  const { key } = await graph.principal('admin')
  const found: string[] = []
  let after: string | null = null
  for (let pages = 1; pages <= 3; pages += 1) {
    const { edges, pageInfo }: Awaited<ReturnType<typeof page>> = await page(graph, key, {
      first: 2,
      after,
    })
    found.push(...edges.map(({ node }) => node.id))
    expect(pageInfo.hasNextPage).toBe(pages < 3)
    after = pageInfo.endCursor
  }
  expect(new Set(found).size).toBe(5)
  const { errors } = await graph.ask(key, query, { after: 'nonsense' })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'bad_input' })
})

test('shows nothing of erased persons, of other workspaces, or to who may not read plugins (refused)', async () => {
  await using graph = await open()
  await put(graph, { profileId: '01C', agent: 'r/other', workspaceId: graph.workspaceId + 1 })
  const { key } = await graph.principal('admin', ['service'])
  expect((await page(graph, key)).edges).toHaveLength(5)
  await graph.board.db.sql`update legal_state set erased_at = now() where profile_id = '01C'`
  expect(statesOf(await page(graph, key))).toEqual([
    'p/one PENDING',
    'p/one PARKED',
    'q/two PARKED',
  ])
  for (const role of ['app', 'auditor', 'metrics'] as const) {
    const other = await graph.principal(role, ['service'])
    for (const asked of [query, '{ agenda { pending } }', '{ agentGraph { rings } }']) {
      const { errors } = await graph.ask(other.key, asked)
      expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['forbidden'])
    }
  }
})

test('counts the agenda, the oldest that waits included', async () => {
  await using graph = await open()
  const { key } = await graph.principal('operator')
  const counts = '{ agenda { pending running snoozed parked { reason count } oldestSeconds } }'
  expect((await graph.ask(key, counts)).data).toEqual({
    agenda: {
      pending: 1,
      running: 1,
      snoozed: 1,
      parked: [
        { reason: 'DEAD', count: 1 },
        { reason: 'LOOP', count: 1 },
      ],
      oldestSeconds: 90,
    },
  })
  await graph.board.db.sql`delete from agenda`
  expect((await graph.ask(key, counts)).data).toEqual({
    agenda: { pending: 0, running: 0, snoozed: 0, parked: [], oldestSeconds: null },
  })
})

const change = (graph: Graph, key: string, text: string) =>
  graph.ask(key, `mutation { changed: ${text} { count errors { code path } } }`)

test('releases by ids or by what is asked, and drops (without the right refused)', async () => {
  await using graph = await open()
  const { key } = await graph.principal('admin')
  const operator = await graph.principal('operator')
  const id = encodeId('Reaction', '01B:p/one')
  const release = `releaseReactions(input: { ids: ["${id}"] })`
  const drop = 'dropReactions(input: { agent: "q/two", reason: "test" })'
  for (const text of [release, drop]) {
    expect((await change(graph, operator.key, text)).data).toMatchObject({
      changed: { count: null, errors: [{ code: 'forbidden' }] },
    })
  }
  expect((await change(graph, key, release)).data).toEqual({ changed: { count: 1, errors: [] } })
  expect(statesOf(await page(graph, key, { filter: { agent: 'p/one' } }))).toEqual([
    'p/one PENDING',
    'p/one PENDING',
    'p/one RUNNING',
  ])
  expect((await change(graph, key, drop)).data).toEqual({ changed: { count: 2, errors: [] } })
  const wrong = `releaseReactions(input: { ids: ["${encodeId('Profile', '01A')}"] })`
  expect((await change(graph, key, wrong)).data).toMatchObject({
    changed: { errors: [{ code: 'bad_input' }] },
  })
})
