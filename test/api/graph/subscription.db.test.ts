import { expect, test } from 'vitest'
import { openGraph } from '../../support/graph.ts'

const query = `subscription {
  profileChanged(by: { namespace: "user_id", value: "u1" }) { traits { key value } redactions { key } } }`

async function open() {
  const graph = await openGraph()
  await graph.define('plan', 'none')
  await graph.define('score', 'pseudonymous', ['analytics'])
  await graph.profile({
    id: '01A',
    traits: { plan: 'free', score: 1 },
    identifiers: { user_id: 'u1' },
  })

  async function subscribe(key: string) {
    const response = await graph.app.request('/graphql', {
      method: 'POST',
      headers: {
        Accept: 'text/event-stream',
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ query }),
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    /** The next message, or `complete`. */
    async function next(): Promise<unknown> {
      for (;;) {
        const event = /^event: (\w+)\n(?:data: ?(.*)\n)?\n/m.exec(text)
        if (event) {
          text = text.slice(event.index + event[0].length)
          return event[1] === 'complete' ? 'complete' : JSON.parse(event[2] ?? '')
        }
        const chunk = await reader?.read()
        if (!chunk || chunk.done) return 'complete'
        text += chunk.value
      }
    }
    return { next, cancel: () => reader?.cancel() }
  }

  async function change(plan: string): Promise<void> {
    await graph.sql`update profile set traits = traits || ${JSON.stringify({ plan })}::text::jsonb`
    graph.board.signals.profileChanged(graph.workspaceId, ['01A'])
  }

  return { ...graph, subscribe, change, [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose]() }
}

test('pushes the profile after each change, as far as the caller may see it', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  const changes = await graph.subscribe(key)
  await graph.change('pro')
  expect(await changes.next()).toEqual({
    data: {
      profileChanged: { traits: [{ key: 'plan', value: 'pro' }], redactions: [{ key: 'score' }] },
    },
  })
  await graph.change('max')
  expect(await changes.next()).toMatchObject({
    data: { profileChanged: { traits: [{ key: 'plan', value: 'max' }] } },
  })
  await changes.cancel()
})

test('ends when the key was revoked, without pushing what changed', async () => {
  await using graph = await open()
  const { id, key } = await graph.principal('app', ['service'])
  const changes = await graph.subscribe(key)
  await graph.sql`update principal set revoked_at = now() where id = ${id}`
  await graph.change('pro')
  expect(await changes.next()).toBe('complete')
})

test('leaves a change of somebody else alone', async () => {
  await using graph = await open()
  const { key } = await graph.principal('app', ['service'])
  const changes = await graph.subscribe(key)
  graph.board.signals.profileChanged(graph.workspaceId, ['01B'])
  graph.board.signals.profileChanged(graph.workspaceId + 1, ['01A'])
  await graph.change('pro')
  expect(await changes.next()).toMatchObject({
    data: { profileChanged: { traits: [{ value: 'pro' }] } },
  })
  await changes.cancel()
})

test('refuses to watch a profile that the caller may not see', async () => {
  await using graph = await open()
  const { key } = await graph.principal('auditor')
  const changes = await graph.subscribe(key)
  expect(await changes.next()).toMatchObject({ errors: [{ extensions: { code: 'forbidden' } }] })
})
