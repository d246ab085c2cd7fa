import { describe, expect, test } from 'vitest'
import { readPackage, type PluginPackage } from '../../../core/host/package.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { identify, openTestApp, track, type TestApp } from '../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

interface Version {
  id?: string
  version?: string
  code?: string
  key?: string
  agent?: JsonObject
}

/** A plugin that counts its causes into one trait. */
async function counting({
  id = 'counter',
  version = '1.0.0',
  key = 'counted',
  code,
  agent = {},
}: Version = {}): Promise<PluginPackage> {
  const triggers = { events: ['Order'] }
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      id,
      version,
      traits: [{ key, class: 'none', purposes: ['service'] }],
      agents: [
        probeAgent({
          triggers,
          purpose: 'service',
          reads: { traits: [key] },
          writes: [key],
          ...agent,
        }),
      ],
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      // ${version}
      const count = ({ profile, causes }) => done({ writes: {
        ${key}: { value: (profile.traits.${key}?.value ?? 0) + causes.length } } })
      export default definePlugin({ agents: { probe: ${code ?? 'count'} } })`,
  })
  return await readPackage(folder.path)
}

const install = (app: TestApp, pkg: PluginPackage): Promise<void> =>
  app.registry.install(app.workspaceId, pkg, 'test')

async function total(app: TestApp, key = 'counted'): Promise<number> {
  const [row] = await app.sql<{ n: number }[]>`
    select coalesce(sum((traits ->> ${key})::int), 0)::int as n from profile`
  return row?.n ?? 0
}

describe('installing', () => {
  test('replaces a plugin again and again while events flow, without losing or doubling one', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    const versions = await Promise.all(
      Array.from({ length: 6 }, (_, n) => counting({ version: `1.0.${n + 1}` })),
    )
    const fed = { events: 0 }
    const swapping = new AbortController()
    const feed = async (): Promise<void> => {
      while (!swapping.signal.aborted) {
        const events = Array.from({ length: 10 }, (_, n) => track(`u${n}`, 'Order'))
        await app.send(...events)
        fed.events += events.length
      }
    }
    const swap = async (): Promise<void> => {
      for (const version of versions) {
        const enough = fed.events + 10
        while (fed.events < enough) await new Promise(setImmediate)
        await install(app, version)
      }
      swapping.abort()
    }
    await Promise.all([feed(), swap()])
    while ((await app.sql`select 1 from agenda`).length > 0) await app.idle()
    expect(fed.events).toBeGreaterThan(50)
    expect(await total(app)).toBe(fed.events)
    expect(app.registry.all()).toMatchObject([{ digest: versions.at(-1)?.digest }])
    expect(app.host.stats().plugins).toHaveLength(1)
  })

  test('of a version that does not load is refused, and the one before goes on', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    const broken = await counting({
      version: '2.0.0',
      code: '(() => { throw new TypeError("no") })()',
    })
    await expect(install(app, broken)).rejects.toMatchObject({ code: 'plugin_load_failed' })
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await total(app)).toBe(1)
    expect(await app.sql`select 1 from plugin_version`).toHaveLength(1)
  })

  test('is refused for a trait that another plugin owns, and leaves no trace', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    const thief = await counting({ id: 'thief' })
    await expect(install(app, thief)).rejects.toMatchObject({ code: 'trait_owned', status: 409 })
    expect(await app.sql`select 1 from plugin where id = 'thief'`).toHaveLength(0)
    expect(app.host.stats().plugins).toHaveLength(1)
    await install(app, await counting({ id: 'thief', key: 'other' }))
    expect(app.registry.all()).toHaveLength(2)
  })

  test('takes over a trait whose plugin was removed, as the refusal advises', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    await app.registry.remove(app.workspaceId, 'counter', 'test')
    await install(app, await counting({ id: 'heir' }))
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await total(app)).toBe(1)
  })

  test('is refused for a trait that was registered by hand', async () => {
    await using app = await openTestApp()
    await app.sql`insert into trait_definition (workspace_id, key, data_class, registered, created_at)
      values (${app.workspaceId}, 'counted', 'none', true, now())`
    await expect(install(app, await counting())).rejects.toMatchObject({ code: 'trait_owned' })
  })

  test('takes a trait over that only events wrote so far, which then may not write it any more', async () => {
    await using app = await openTestApp()
    await app.send(identify('ada', { counted: 40 }))
    await install(app, await counting())
    await app.send(identify('ada', { counted: 7, plan: 'pro' }), track('ada', 'Order'))
    await app.idle()
    const [row] = await app.sql`select traits from profile`
    expect(row?.['traits']).toEqual({ counted: 41, plan: 'pro' })
  })

  test('twice of the same version changes nothing', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    await install(app, await counting())
    expect(app.host.stats().plugins).toHaveLength(1)
    expect(app.registry.all()).toHaveLength(1)
  })

  test('subscribes to what the new version names and to nothing else', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    await install(
      app,
      await counting({ version: '2.0.0', agent: { triggers: { events: ['Visit'] } } }),
    )
    await app.send(track('ada', 'Order'))
    await app.send(track('ada', 'Visit'))
    await app.idle()
    expect(await total(app)).toBe(1)
  })
})

describe('removing', () => {
  test('ends reactions, keeps traits, and may be undone by installing again', async () => {
    await using app = await openTestApp()
    await install(app, await counting())
    await app.send(track('ada', 'Order'))
    await app.idle()
    await app.registry.remove(app.workspaceId, 'counter', 'test')
    expect(app.registry.all()).toEqual([])
    expect(app.host.stats().plugins).toEqual([])
    await app.send(track('ada', 'Order'))
    await install(app, await counting())
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await total(app)).toBe(2)
  })

  test('of what is not installed is refused', async () => {
    await using app = await openTestApp()
    await expect(app.registry.remove(app.workspaceId, 'nobody', 'test')).rejects.toMatchObject({
      code: 'plugin_not_found',
    })
  })
})

test('every installation and removal is on record', async () => {
  await using app = await openTestApp({ works: false })
  await install(app, await counting())
  await app.registry.remove(app.workspaceId, 'counter', 'test')
  const entries = await app.sql`select action, actor, object from audit_inbox order by id`
  expect(entries).toMatchObject([
    { action: 'plugin.install', actor: 'test', object: 'plugin:counter' },
    { action: 'plugin.remove', actor: 'test', object: 'plugin:counter' },
  ])
})
