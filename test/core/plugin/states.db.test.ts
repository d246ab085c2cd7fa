import { describe, expect, test } from 'vitest'
import { fitPlugins } from '../../../core/plugin/fitPlugins.ts'
import { quarantinePlugin } from '../../../core/plugin/quarantinePlugin.ts'
import { track } from '../../support/app.ts'
import { pluginFolder } from '../../support/pluginFolder.ts'
import { filesOf, openPlugins } from './given.ts'

type World = Awaited<ReturnType<typeof openPlugins>>

/** What comes while it stops is reacted to exactly once after it goes on. */
async function stopsAndGoesOn(
  it: World,
  stop: () => Promise<unknown>,
  goOn: () => Promise<unknown>,
): Promise<void> {
  await it.send(track('ada', 'Order'))
  await it.idle()
  await stop()
  expect(it.registry.all()).toEqual([])
  await it.send(track('ada', 'Order'), track('bob', 'Order'))
  await it.send(track('ada', 'Order'))
  await it.idle()
  expect(await it.total()).toBe(1)
  expect(await it.plugin()).toMatchObject({ waiting: 2 })
  await goOn()
  await it.idle()
  expect(await it.total()).toBe(4)
  expect(await it.plugin()).toMatchObject({ state: 'active', waiting: 0 })
}

const named = { plugin: 'probe' }

describe('what wakes a plugin waits, and nothing is lost or doubled,', () => {
  test('while it is paused', async () => {
    await using it = await openPlugins()
    await it.put()
    await stopsAndGoesOn(
      it,
      () => it.actions.pausePlugin(it.admin, named),
      () => it.actions.resumePlugin(it.admin, named),
    )
    expect(await it.audited()).toEqual(['plugin.install', 'plugin.pause', 'plugin.resume'])
  })

  test('while it is quarantined', async () => {
    await using it = await openPlugins()
    await it.put()
    const { workspaceId } = it
    await stopsAndGoesOn(
      it,
      async () => {
        await quarantinePlugin(it.board, it.registry, { workspaceId, ...named, reason: 'strikes' })
        expect(await it.plugin()).toMatchObject({ state: 'quarantined', reason: 'strikes' })
      },
      () => it.actions.releasePlugin(it.admin, named),
    )
  })

  test('while a newer product does not fit it', async () => {
    await using it = await openPlugins()
    await it.put()
    const start = async (engine: string) => {
      await fitPlugins({ ...it.board, engine })
      await it.registry.refresh()
    }
    await stopsAndGoesOn(
      it,
      async () => {
        await start('0.2.0')
        expect(await it.plugin()).toMatchObject({
          state: 'incompatible',
          reason: 'engine_version',
        })
      },
      () => start('0.1.7'),
    )
  })

  test('while it is paused again and again under load', async () => {
    await using it = await openPlugins()
    await it.put()
    let sent = 0
    for (let round = 0; round < 4; round += 1) {
      const users = Array.from({ length: 20 }, (_, n) => `u${n}`)
      const sending = it.send(...users.map((user) => track(user, 'Order')))
      sent += users.length
      await it.actions.pausePlugin(it.admin, named)
      await Promise.all([sending, it.actions.resumePlugin(it.admin, named)])
    }
    while ((await it.sql`select from agenda`).length > 0) await it.idle()
    expect(await it.total()).toBe(sent)
  })
})

describe('a removed plugin', () => {
  test('keeps what it wrote and what waited, is woken by nothing more, and may come back', async () => {
    await using it = await openPlugins()
    await it.put()
    await it.send(track('ada', 'Order'))
    await it.idle()
    await it.actions.pausePlugin(it.admin, named)
    await it.send(track('ada', 'Order'))
    const { kept } = await it.actions.removePlugin(it.admin, named)
    expect(kept).toMatchObject({
      versions: 1,
      subscriptions: 0,
      reactions: 1,
      traits: ['counted'],
      profiles: 1,
      values: 1,
    })
    await it.send(track('ada', 'Order'))
    expect(await it.plugin()).toMatchObject({ state: 'removed', waiting: 1 })
    await expect(it.actions.removePlugin(it.admin, named)).rejects.toMatchObject({
      code: 'plugin_not_found',
    })
    await it.put()
    await it.idle()
    expect(await it.total()).toBe(2)
  })
})

describe('steps that cannot be', () => {
  test('are refused with what to do instead, and to who may not administer plugins', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    const { actions, admin, officer } = it
    for (const act of ['resumePlugin', 'releasePlugin'] as const) {
      await expect(actions[act](admin, named)).rejects.toMatchObject({
        code: 'plugin_state_refused',
        remedy: 'It runs; pause or remove it.',
      })
    }
    await actions.pausePlugin(admin, named)
    await expect(actions.pausePlugin(admin, named)).rejects.toMatchObject({
      code: 'plugin_state_refused',
    })
    await expect(actions.pausePlugin(admin, { plugin: 'nobody' })).rejects.toMatchObject({
      code: 'plugin_not_found',
    })
    for (const act of ['pausePlugin', 'resumePlugin', 'releasePlugin', 'removePlugin'] as const) {
      await expect(actions[act](officer, named)).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  test('a version that does not fit the product is refused at installation', async () => {
    await using it = await openPlugins({ works: false })
    await using folder = await pluginFolder(
      filesOf({ overrides: { engines: { slateboard: '^2.0.0' } } }),
    )
    await expect(it.actions.installPlugin(it.admin, { path: folder.path })).rejects.toMatchObject({
      code: 'plugin_incompatible',
    })
    expect(await it.plugin()).toBeUndefined()
  })
})

test('an upgrade of a paused plugin does not wake it', async () => {
  await using it = await openPlugins()
  await it.put()
  await it.actions.pausePlugin(it.admin, named)
  expect(await it.put({ version: '1.1.0' })).toMatchObject({ agents: [] })
  expect(await it.plugin()).toMatchObject({ state: 'paused', current: { version: '1.1.0' } })
  expect(it.host.stats().plugins).toEqual([])
})

describe('stored bytes that somebody exchanged', () => {
  async function tamper(it: World): Promise<void> {
    await it.sql`alter table plugin_version disable trigger plugin_version_never_changes`
    await it.sql`update plugin_version set bundle = replace(bundle, 'length', 'length + 100')
      where version = '2.0.0'`
    await it.sql`alter table plugin_version enable trigger plugin_version_never_changes`
  }

  test('are not loaded by another node, are told of once in the audit, and the version there goes on', async () => {
    await using it = await openPlugins()
    await it.put()
    const former = it.registry.all()
    // As another node would put it in service.
    await it.actions.pausePlugin(it.admin, named)
    await it.put({ version: '2.0.0' })
    await tamper(it)
    await it.sql`update plugin set state = 'active', digest = previous_digest, previous_digest = digest`
    await it.registry.refresh()
    expect(it.registry.all()).toEqual(former)
    await it.sql`update plugin set digest = previous_digest`
    await it.registry.refresh()
    await it.registry.refresh()
    expect(it.registry.all()).toEqual(former)
    expect(
      it.registry
        .phases(it.workspaceId)
        .map(({ phase }) => phase)
        .toSorted(),
    ).toEqual(['failed', 'sleeping'])
    expect((await it.audited()).filter((action) => action === 'plugin.mismatch')).toHaveLength(1)
    await it.send(track('ada', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(1)
  })

  test('are told from those that the database has merely put in another order', async () => {
    await using it = await openPlugins()
    const reads = { traits: ['counted'], events: { Order: ['zz', 'a'], A: ['b'], Longer: ['c'] } }
    await it.put({ agent: { reads } })
    await it.actions.pausePlugin(it.admin, named)
    await it.actions.resumePlugin(it.admin, named)
    expect(it.registry.all()).toHaveLength(1)
    expect(it.registry.phases(it.workspaceId)).toMatchObject([{ phase: 'sleeping' }])
  })
})
