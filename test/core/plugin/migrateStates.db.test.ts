import { describe, expect, test } from 'vitest'
import { migrateStates } from '../../../core/plugin/migrateStates.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { openTestApp, track, type TestApp } from '../../support/app.ts'
import { countOrders, keeper } from '../../support/keeper.ts'

type Given = Parameters<typeof keeper>[0]

const first: Given = {
  handler: countOrders.replace('profile: { seen }', "profile: { seen }, plugin: { unit: 'one' }"),
  state: { version: 1, profile: ['seen'], plugin: ['unit'] },
}
/** Keeps orders as a list, and a unit in capitals. */
const second: Given = {
  version: '2.0.0',
  handler: `({ state }) => write(state)`,
  state: { version: 2, profile: ['orders'], plugin: ['unit'] },
  migrate: `(old, from, of) => {
    if (from !== 1) throw new Error('unknown version')
    if (of === 'plugin') return { unit: old.unit.toUpperCase() }
    if (old.seen === 13) throw new Error('unlucky')
    return { orders: Array(old.seen).fill('o') }
  }`,
}

async function install(app: TestApp, given: Given): Promise<void> {
  await app.registry.install(app.workspaceId, await keeper(given), 'test')
}

async function order(app: TestApp, user: string, times = 1): Promise<void> {
  await app.send(...Array.from({ length: times }, () => track(user, 'Order')))
  await app.idle()
}

const states = (app: TestApp) => app.sql<{ version: number; state: JsonObject }[]>`
  select version, state from profile_state order by profile_id`
const own = (app: TestApp) => app.sql`select key, version, value from plugin_state order by key`
const migrations = (app: TestApp) => app.sql`
  select version, state, migrated::int, failed::int from state_migration order by version`

describe('state of an older version', () => {
  test('is migrated before the handler sees it, and stored with the reaction that did not touch it', async () => {
    await using app = await openTestApp({ works: false })
    await using writer = await openFlow(app)
    await install(app, first)
    await writer.order('ada', 2)
    await install(app, second)
    await app.sql`update state_migration set state = 'dropped', finished_at = now()`
    await writer.order('ada')
    const [profile] = await app.sql<{ traits: JsonObject }[]>`select traits from profile`
    expect(profile?.traits['probe']).toEqual({
      profile: { orders: ['o', 'o'] },
      plugin: { unit: 'ONE' },
    })
    expect(await states(app)).toEqual([{ version: 2, state: { orders: ['o', 'o'] } }])
    expect(await own(app)).toEqual([{ key: 'unit', version: 2, value: 'ONE' }])
  })

  test('is migrated in the background, counting what throws and leaving it as it was', async () => {
    await using app = await openTestApp()
    await install(app, first)
    await order(app, 'ada', 2)
    await order(app, 'bob', 13)
    await install(app, second)
    await app.idle()
    expect(await states(app)).toEqual([
      { version: 2, state: { orders: ['o', 'o'] } },
      { version: 1, state: { seen: 13 } },
    ])
    expect(await own(app)).toEqual([{ key: 'unit', version: 2, value: 'ONE' }])
    expect(await migrations(app)).toEqual([{ version: 2, state: 'done', migrated: 2, failed: 1 }])
    await order(app, 'bob')
    const waiting = await app.sql`select last_error from agenda`
    expect(waiting).toEqual([{ last_error: 'plugin_state_not_migrated' }])
    // The next version knows what to do with it.
    await install(app, {
      ...second,
      version: '2.0.1',
      migrate: `(old, from, of) => of === 'plugin' ? old : { orders: [] }`,
    })
    await app.idle()
    expect(await states(app)).toContainEqual({ version: 2, state: { orders: [] } })
  })

  test('goes on where it was when the one that did it is gone, batch by batch', async () => {
    await using app = await openTestApp({ works: false })
    await using writer = await openFlow(app)
    await install(app, first)
    for (const user of ['a', 'b', 'c', 'd', 'e']) await writer.order(user)
    await writer[Symbol.asyncDispose]()
    await install(app, second)
    expect(await migrateStates(app, 2)).toBe(1)
    const halted = await app.sql`select position <> '' as moved, migrated::int from state_migration`
    expect(halted).toEqual([{ moved: true, migrated: 2 }])
    // Two at once: each batch is done by one of them.
    while ((await Promise.all([migrateStates(app, 2), migrateStates(app, 2)])).includes(1)) {
      expect((await migrations(app))[0]?.['migrated']).toBeLessThanOrEqual(6)
    }
    expect(await migrations(app)).toEqual([{ version: 2, state: 'done', migrated: 6, failed: 0 }])
    expect((await states(app)).map(({ version }) => version)).toEqual([2, 2, 2, 2, 2])
  })

  test('needs migrate: a version without it is not installed (refused)', async () => {
    await using app = await openTestApp()
    await install(app, first)
    const { migrate: _, ...without } = second
    await expect(install(app, without)).rejects.toMatchObject({ code: 'plugin_load_failed' })
  })
})

describe('state of a newer version', () => {
  test('is not handed to an older plugin: its reactions wait, say why, and go on with the newer', async () => {
    await using app = await openTestApp()
    await install(app, first)
    await order(app, 'ada', 2)
    await install(app, second)
    await app.idle()
    await install(app, { ...first, version: '1.0.1' })
    await order(app, 'ada')
    const waiting = await app.sql`
      select last_error, parked, attempts, due_at > now() as waits from agenda`
    expect(waiting).toEqual([
      { last_error: 'plugin_state_newer', parked: null, attempts: 0, waits: true },
    ])
    expect(await states(app)).toEqual([{ version: 2, state: { orders: ['o', 'o'] } }])
    await install(app, { ...second, version: '2.0.1' })
    await app.idle()
    expect(await app.sql`select 1 from agenda`).toHaveLength(0)
  })
})

/** The flow without the step that migrates: reactions only. */
async function openFlow(app: TestApp) {
  const { startWorker, workerDefaults } = await import('../../../core/flow/react/worker.ts')
  const { createPermissions } = await import('../../../core/flow/react/permission.ts')
  const { board, host, configs, egress, registry } = app
  const permissions = createPermissions(app.policies, app.definitions)
  const worker = startWorker(
    { board, host, configs, egress, permissions, owner: board.clock.id() },
    registry,
    { ...workerDefaults, batchesMax: 1 },
  )
  return {
    async order(user: string, times = 1): Promise<void> {
      await app.send(...Array.from({ length: times }, () => track(user, 'Order')))
      await worker.idle()
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  }
}
