import { expect, test } from 'vitest'
import { openGraph } from '../../support/graph.ts'

test('counts the workspace for those who may see metrics', async () => {
  await using graph = await openGraph()
  const { key } = await graph.principal('operator')
  const { data } = await graph.ask(
    key,
    '{ pending summary { events profiles merged reactions { agent } activations { state count } } }',
  )
  expect(data).toEqual({
    pending: expect.any(Number),
    summary: {
      events: expect.any(Number),
      profiles: expect.any(Number),
      merged: expect.any(Number),
      reactions: [],
      activations: expect.any(Array),
    },
  })
})

test.each(['{ pending }', '{ summary { profiles } }'])(
  'tells an app nothing of it: %s (refused)',
  async (query) => {
    await using graph = await openGraph()
    const { key } = await graph.principal('app')
    const { errors } = await graph.ask(key, query)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'forbidden' })
  },
)
