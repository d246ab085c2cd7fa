import { expect, test } from 'vitest'
import { setAgentWeight } from '../../../core/admin/setAgentWeight.ts'
import { startFlow } from '../../../core/flow/flow.ts'
import { readPackage } from '../../../core/host/package.ts'
import { listAgents } from '../../../core/read/listAgents.ts'
import { openTestApp, track, type TestApp } from '../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent } from '../../support/pluginFolder.ts'
import { readerOf } from '../../support/readerOf.ts'

const users = ['a', 'b', 'c', 'd', 'e', 'f']

/** Two agents that are woken by the same and differ in nothing else. */
async function install(app: TestApp): Promise<void> {
  const ids = ['one', 'two']
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      traits: ids.map((key) => ({ key, class: 'none', purposes: ['service'] })),
      agents: ids.map((id) =>
        probeAgent({ id, purpose: 'service', writes: [id], triggers: { events: ['Order'] } }),
      ),
    }),
    'plugin.ts': `import { definePlugin, done } from 'slateboard/plugin'
      const write = (key) => ({ causes: [{ id }] }) => done({ writes: { [key]: { value: id } } })
      export default definePlugin({ agents: { one: write('one'), two: write('two') } })`,
  })
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
}

/** Who was served, a letter each, when both had the same backlog and there is a place for one at a time. */
async function served(app: TestApp): Promise<string> {
  await app.send(...users.map((user) => track(user, 'Order')))
  const [{ id: last } = {}] = await app.sql<{ id: string }[]>`select max(id) as id from change`
  await using flow = startFlow(app, { agentsMax: 1, batchesMax: 1, batchItemsMax: 2 })
  await flow.idle()
  const rows = await app.sql<{ key: string }[]>`
    select key from change where kind = 'trait' and id > ${last ?? ''} order by id`
  return rows.map(({ key }) => key.charAt(0)).join('')
}

test('who has a weight is served first, and once it is gone they take turns as before', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  const admin = await readerOf(app, 'admin')
  const set = async (delta: number) => {
    await setAgentWeight(admin, { agent: 'probe/two', delta, reason: 'sale' })
    await app.weights.refresh()
  }
  const turns = await served(app)
  expect(turns).toBe('oottoottoott')
  await set(50)
  expect(await served(app)).toBe('t'.repeat(6) + 'o'.repeat(6))
  expect(await listAgents(admin)).toMatchObject([
    { id: 'probe/one', weight: null },
    { id: 'probe/two', weight: { delta: 50, reason: 'sale', setBy: 'admin' } },
  ])
  await set(-50)
  expect(await served(app)).toBe('o'.repeat(6) + 't'.repeat(6))
  await set(0)
  expect(await served(app)).toBe(turns)
  expect(await app.sql`select from agent_weight`).toHaveLength(0)
  const acts = await app.sql`
    select actor, object, payload::jsonb -> 'delta' as delta from audit_entry where action = 'agent.weight' order by id`
  expect(acts).toEqual(
    [50, -50, 0].map((delta) => ({ actor: 'principal:admin', object: 'agent:probe/two', delta })),
  )
})

test('a weight is refused without the right, beyond its bounds, without a reason and for who is not in service', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  const admin = await readerOf(app, 'admin')
  const weight = { agent: 'probe/two', delta: 5, reason: 'sale' }
  await expect(setAgentWeight(await readerOf(app, 'operator'), weight)).rejects.toMatchObject({
    code: 'forbidden',
  })
  for (const [changes, code] of [
    [{ delta: 101 }, 'bad_input'],
    [{ delta: -101 }, 'bad_input'],
    [{ delta: 0.5 }, 'bad_input'],
    [{ reason: ' ' }, 'bad_input'],
    [{ agent: 'probe/three' }, 'agent_not_in_service'],
  ] as const) {
    await expect(setAgentWeight(admin, { ...weight, ...changes })).rejects.toMatchObject({ code })
  }
  expect(await app.sql`select from agent_weight`).toHaveLength(0)
})
