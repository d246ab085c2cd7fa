import { expect, test } from 'vitest'
import type { PluginHost } from '../../../core/host/host.ts'
import { createRegistry } from '../../../core/host/registry.ts'
import { track } from '../../support/app.ts'
import { probeHost } from '../../support/probeHost.ts'
import { openPlugins } from './given.ts'

const refused = {
  code: 'plugin_self_test_failed',
  message: 'Plugin probe 2.0.0 does not pass its own test: no rates.',
}
const faulty = { version: '2.0.0', selfTest: `() => ['no rates']` }
const network = {
  network: [{ host: 'api.example.com', methods: ['GET'], purpose: 'service', reason: 'rates' }],
}

test('a version that fails its own test is refused, nothing is written and the one before goes on', async () => {
  await using it = await openPlugins()
  await it.put()
  const tables = async () => [
    await it.sql`select * from plugin`,
    await it.sql`select digest from plugin_version order by digest`,
    await it.sql`select id from plugin_approval order by id`,
    await it.audited(),
    it.registry.phases(it.workspaceId),
  ]
  const before = await tables()
  await expect(it.put(faulty)).rejects.toMatchObject(refused)
  expect(await tables()).toEqual(before)
  expect(it.host.stats().plugins).toHaveLength(1)
  await it.send(track('ada', 'Order'))
  await it.idle()
  expect(await it.total()).toBe(1)
  await it.put({ version: '2.0.0', selfTest: '() => []' })
  expect(await it.plugin()).toMatchObject({ current: { version: '2.0.0' } })
})

test('a first version that fails its own test is not there afterwards', async () => {
  await using it = await openPlugins({ works: false })
  await expect(it.put(faulty)).rejects.toMatchObject(refused)
  expect(await it.plugin()).toBeUndefined()
  expect(it.host.stats().plugins).toEqual([])
})

test('a version that waits is tested when it is approved, not before', async () => {
  await using it = await openPlugins({ works: false })
  await it.put({ ...faulty, overrides: network })
  await expect(it.actions.approvePlugin(it.admin, { plugin: 'probe' })).rejects.toMatchObject(
    refused,
  )
  expect(await it.plugin()).toMatchObject({ state: 'awaiting_approval' })
})

test('a node that only follows an installation does not test again', async () => {
  await using it = await openPlugins({ works: false })
  await using other = probeHost({ cells: 1 })
  let tests = 0
  const host: PluginHost = {
    load: (...args) => other.host.load(...args),
    admit: (...args) => other.host.admit(...args),
    unload: (...args) => other.host.unload(...args),
    react: (...args) => other.host.react(...args),
    migrate: (...args) => other.host.migrate(...args),
    perform: (...args) => other.host.perform(...args),
    async selfTest(...args) {
      tests += 1
      await other.host.selfTest(...args)
    },
    stats: () => other.host.stats(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const following = createRegistry(it.board, host, () => undefined, it.configs)
  await it.put({ selfTest: '() => []' })
  await following.refresh()
  await it.put({ version: '2.0.0', selfTest: '() => []' })
  await following.refresh()
  expect(other.host.stats().plugins).toMatchObject([{ isAsleep: false }])
  expect(tests).toBe(0)
  const [agent] = following.all()
  expect(agent?.digest).toBe((await it.plugin())?.current?.digest)
})
