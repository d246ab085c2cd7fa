import { expect, test } from 'vitest'
import { z } from 'zod'
import { openGraph } from '../../support/graph.ts'

async function open() {
  const graph = await openGraph()
  await graph.sql`
    insert into trait_definition (workspace_id, key, data_class, registered, first_source, created_at)
    select ${graph.workspaceId}, key, class, registered, 'shop', now()
    from (values ('plan', 'none', true), ('shoe_size', 'pseudonymous', false),
      ('a.b/ü"', 'contact', false), ('email', 'contact', true)) as t (key, class, registered)`
  const officer = await graph.principal('officer')
  return { ...graph, officer: officer.key }
}

const pageSchema = z.object({
  traitDefinitions: z.object({
    edges: z.array(z.object({ node: z.object({ key: z.string() }) })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
})

const list = `query ($filter: TraitDefinitionFilter, $first: Int, $after: String) {
  traitDefinitions(filter: $filter, first: $first, after: $after) {
    edges { node { key } } pageInfo { hasNextPage endCursor } } }`

const define = `mutation ($input: DefineTraitInput!) { defineTrait(input: $input) {
  definition { key version registered dataClass schema purposes conflictRule mergeRule freshnessMs
    author sealing { done profiles } history { version dataClass author reason } }
  examined contradicted errors { code message remedy path } } }`

test('lists definitions page by page, whatever their keys are made of', async () => {
  await using graph = await open()
  const page = async (variables: object) => {
    const { data } = await graph.ask(graph.officer, list, variables)
    const { edges, pageInfo } = pageSchema.parse(data).traitDefinitions
    return { keys: edges.map(({ node }) => node.key), ...pageInfo }
  }
  const first = await page({ first: 1 })
  expect(first).toMatchObject({ keys: ['a.b/ü"'], hasNextPage: true })
  const rest = await page({ first: 9, after: first.endCursor })
  expect(rest).toMatchObject({ keys: ['email', 'plan', 'shoe_size'], hasNextPage: false })
  const waiting = await page({ filter: { registered: false } })
  expect(waiting.keys).toEqual(['a.b/ü"', 'shoe_size'])
  const contact = await page({ filter: { registered: true, dataClass: 'CONTACT' } })
  expect(contact.keys).toEqual(['email'])
  const { errors } = await graph.ask(graph.officer, list, { after: 'AAAA' })
  expect(errors).toMatchObject([{ extensions: { code: 'bad_input' } }])
})

test('defines a trait and answers with it, its history and what does not fit', async () => {
  await using graph = await open()
  await graph.profile({ id: '01A', traits: { plan: 'PRO' }, identifiers: { user_id: 'u1' } })
  const { data } = await graph.ask(graph.officer, define, {
    input: {
      key: 'plan',
      version: 1,
      dataClass: 'PSEUDONYMOUS',
      schema: { enum: ['free', 'pro'] },
      freshnessMs: 3_155_760_000_000,
      mergeRule: 'OLDEST',
      reason: 'Only two are sold.',
    },
  })
  expect(data).toEqual({
    defineTrait: {
      definition: {
        key: 'plan',
        version: 2,
        registered: true,
        dataClass: 'PSEUDONYMOUS',
        schema: { enum: ['free', 'pro'] },
        purposes: [],
        conflictRule: 'LATEST',
        mergeRule: 'OLDEST',
        freshnessMs: 3_155_760_000_000,
        author: expect.stringMatching(/^principal:/),
        sealing: null,
        history: [
          {
            version: 2,
            dataClass: 'PSEUDONYMOUS',
            author: expect.stringMatching(/^principal:/),
            reason: 'Only two are sold.',
          },
        ],
      },
      examined: 1,
      contradicted: 1,
      errors: [],
    },
  })
  const read = await graph.ask(
    graph.officer,
    `{ traitDefinition(key: "plan") { id version } other: traitDefinition(key: "nobody") { id } }`,
  )
  expect(read.data).toMatchObject({ traitDefinition: { version: 2 }, other: null })
  const { id } = z
    .object({ traitDefinition: z.object({ id: z.string() }) })
    .parse(read.data).traitDefinition
  const node = await graph.ask(
    graph.officer,
    `query ($id: ID!) { node(id: $id) { ... on TraitDefinition { key } } }`,
    { id },
  )
  expect(node.data).toEqual({ node: { key: 'plan' } })
})

test('tells what is sealed and how far', async () => {
  await using graph = await open()
  await graph.ask(graph.officer, define, {
    input: { key: 'shoe_size', version: 1, dataClass: 'SENSITIVE', reason: 'Tells of health.' },
  })
  const { data } = await graph.ask(
    graph.officer,
    `{ traitDefinition(key: "shoe_size") { sealing { done dropped version profiles finishedAt } } }`,
  )
  expect(data).toMatchObject({
    traitDefinition: {
      sealing: { done: false, dropped: false, version: 2, profiles: 0, finishedAt: null },
    },
  })
})

test('gives what is wrong as data, with its path and remedy', async () => {
  await using graph = await open()
  const given = { key: 'plan', version: 1, dataClass: 'NONE', reason: 'for the test' }
  for (const [input, error] of [
    [{ version: 7 }, { code: 'trait_version_outdated' }],
    [{ ttlMs: 0.5 }, { code: 'bad_input', path: ['input', 'ttlMs'] }],
    [{ reason: '' }, { code: 'bad_input', path: ['input', 'reason'] }],
    [
      { schema: { properties: { a: { pattern: 'x' } } } },
      { code: 'trait_schema_invalid', path: ['input', 'schema', 'properties', 'a'] },
    ],
  ]) {
    const { data } = await graph.ask(graph.officer, define, { input: { ...given, ...input } })
    expect(data).toMatchObject({
      defineTrait: { definition: null, errors: [{ ...error, remedy: expect.any(String) }] },
    })
  }
})

test('refuses definitions to roles that have no business with them', async () => {
  await using graph = await open()
  for (const role of ['app', 'metrics'] as const) {
    const { key } = await graph.principal(role)
    for (const query of [
      '{ traitDefinitions { edges { node { key } } } }',
      '{ traitDefinition(key: "plan") { key } }',
    ]) {
      const { errors } = await graph.ask(key, query)
      expect(errors).toMatchObject([{ extensions: { code: 'forbidden' } }])
    }
  }
  for (const role of ['app', 'operator', 'auditor', 'metrics'] as const) {
    const { key } = await graph.principal(role)
    const input = { key: 'plan', version: 1, dataClass: 'NONE', reason: 'a try' }
    const { data } = await graph.ask(key, define, { input })
    expect(data).toMatchObject({ defineTrait: { errors: [{ code: 'forbidden' }] } })
  }
  expect(await graph.sql`select 1 from trait_definition where version > 1`).toHaveLength(0)
})

test('says of each trait of a profile whether it is stale', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  await graph.sql`update trait_definition set freshness_ms = 1000 where key = 'plan'`
  await graph.profile({
    id: '01A',
    traits: { plan: 'pro', size: 4 },
    identifiers: { user_id: 'u1' },
  })
  const stale = async () => {
    const query = `{ profile(by: { namespace: "user_id", value: "u1" }) { traits { key stale } } }`
    return (await graph.ask(key, query)).data
  }
  expect(await stale()).toMatchObject({
    profile: { traits: [{ stale: false }, { stale: false }] },
  })
  graph.advance(1001)
  expect(await stale()).toMatchObject({
    profile: {
      traits: [
        { key: 'plan', stale: true },
        { key: 'size', stale: false },
      ],
    },
  })
})
