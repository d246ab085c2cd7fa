import { describe, expect, test } from 'vitest'
import { recordConsent } from '../../../../core/flow/recordConsent.ts'
import type { JsonObject } from '../../../../core/model/json.ts'
import { erase } from '../../subject/given.ts'
import { alias, openTestApp, track, type TestApp } from '../../../support/app.ts'
import { countOrders, keeper } from '../../../support/keeper.ts'

const seen = { version: 1, profile: ['seen'] }

type Given = Parameters<typeof keeper>[0]

async function install(app: TestApp, given: Given): Promise<void> {
  await app.registry.install(app.workspaceId, await keeper(given), 'test')
}

async function states(app: TestApp): Promise<JsonObject[]> {
  const rows = await app.sql<{ state: JsonObject }[]>`
    select state from profile_state order by profile_id`
  return rows.map(({ state }) => state)
}

async function own(app: TestApp): Promise<JsonObject> {
  const rows = await app.sql<{ key: string; value: JsonObject }[]>`
    select key, value from plugin_state order by key`
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
}

async function probeOf(app: TestApp, user: string): Promise<unknown> {
  const id = await app.profileOf(user)
  const [row] = await app.sql<{ traits: JsonObject }[]>`select traits from profile where id = ${id}`
  return row?.traits['probe']
}

const agenda = (app: TestApp) =>
  app.sql<
    { last_error: string; parked: string | null; attempts: number; waits: boolean }[]
  >`select last_error, parked, attempts, due_at is not null as waits from agenda`

async function order(app: TestApp, user: string, times = 1): Promise<void> {
  await app.send(...Array.from({ length: times }, () => track(user, 'Order')))
  await app.idle()
}

describe('what a plugin keeps for a profile', () => {
  test('is handed to the next reaction, and goes key by key when null is written', async () => {
    await using app = await openTestApp()
    await install(app, { handler: countOrders, state: seen })
    await order(app, 'ada', 2)
    await order(app, 'ada')
    await order(app, 'bob')
    expect((await states(app)).toSorted((a, b) => Number(a['seen']) - Number(b['seen']))).toEqual([
      { seen: 1 },
      { seen: 3 },
    ])
    expect(await probeOf(app, 'ada')).toBe(3)
    await install(app, {
      version: '1.1.0',
      handler: `() => done({ state: { profile: { seen: null } } })`,
      state: seen,
    })
    await order(app, 'ada')
    expect(await states(app)).toContainEqual({})
  })

  test('loses no update when events pour in', async () => {
    await using app = await openTestApp()
    await install(app, { handler: countOrders, state: seen })
    for (let n = 0; n < 20; n += 1) {
      await app.send(track('ada', 'Order'), track('bob', 'Order'))
    }
    await app.idle()
    expect(await states(app)).toEqual([{ seen: 20 }, { seen: 20 }])
  })

  test('is refused undeclared, and the reaction commits nothing', async () => {
    await using app = await openTestApp()
    await install(app, {
      handler: `() => done({ writes: { probe: { value: 1 } }, state: { profile: { other: 1 } } })`,
      state: seen,
      agent: { onFailure: 'skip' },
    })
    await order(app, 'ada')
    expect(await agenda(app)).toMatchObject([{ last_error: 'effect_not_declared', parked: 'dead' }])
    expect(await states(app)).toEqual([])
    expect(await probeOf(app, 'ada')).toBeUndefined()
  })

  test('is kept up to 16 KB and refused above, with quota and use', async () => {
    const lines: object[] = []
    await using app = await openTestApp()
    app.board.log.warn = (line: object) => void lines.push(line)
    const fill = `({ causes: [{ properties: { size } }] }) =>
      done({ state: { profile: { seen: 'x'.repeat(size) } } })`
    await install(app, {
      handler: fill,
      state: seen,
      agent: { onFailure: 'skip', reads: { traits: [], events: { Order: ['size'] } } },
    })
    const most = 16_384 - Buffer.byteLength(JSON.stringify({ seen: '' }))
    await app.send(track('ada', 'Order', { size: most }))
    await app.idle()
    expect(await app.sql`select bytes from profile_state`).toEqual([{ bytes: 16_384 }])
    await app.send(track('ada', 'Order', { size: most + 1 }))
    await app.idle()
    expect(await agenda(app)).toMatchObject([
      { last_error: 'plugin_state_profile_full', parked: 'dead' },
    ])
    expect(lines).toContainEqual(
      expect.objectContaining({ bytes: 16_385, quota: 16_384, used: 16_384 }),
    )
  })

  test('is not handed to an agent whose purpose the person refused, nor kept by it', async () => {
    await using app = await openTestApp()
    await install(app, { handler: countOrders, state: seen })
    await order(app, 'ada')
    await recordConsent(app.board, app.intake, app.workspaceId, 'test', {
      subject: { namespace: 'user_id', value: 'ada' },
      purpose: 'service',
      channel: '*',
      decision: 'denied',
      basis: 'consent',
      proof: { method: 'form' },
    })
    await order(app, 'ada')
    expect(await states(app)).toEqual([{ seen: 1 }])
    expect(await probeOf(app, 'ada')).toBe(1)
  })

  test('of merged profiles is that of the one they count as, else the newest', async () => {
    await using app = await openTestApp()
    await install(app, { handler: countOrders, state: seen })
    await app.send(track('ada', 'Visit'))
    await order(app, 'adele', 3)
    await app.send(alias('ada', 'adele'))
    await order(app, 'ada')
    // Ada came first and had nothing: she goes on from what was kept for Adele, whose row stays.
    expect(await probeOf(app, 'ada')).toBe(4)
    expect(await states(app)).toEqual([{ seen: 4 }, { seen: 3 }])
    await order(app, 'adele')
    expect(await probeOf(app, 'ada')).toBe(5)
  })

  test('goes with the person', async () => {
    await using app = await openTestApp()
    await install(app, { handler: countOrders, state: seen })
    await order(app, 'ada')
    const receipt = await erase(app, await app.profileOf('ada'))
    expect(receipt.deleted).toMatchObject({ profile_state: 1 })
    expect(await states(app)).toEqual([])
  })
})

describe('what a plugin keeps for itself', () => {
  const total = { version: 1, plugin: ['total', 'other'] }
  const add = `({ state, causes }) =>
    done({ state: { plugin: { total: (state.plugin.total ?? 0) + causes.length } } })`

  test('is shared by all profiles and loses no update, whoever meets', async () => {
    await using app = await openTestApp()
    await install(app, { handler: add, state: total })
    await app.send(...Array.from({ length: 12 }, (_, n) => track(`u${n}`, 'Order')))
    await app.idle()
    expect(await own(app)).toEqual({ total: 12 })
    expect(app.flow?.worker.counts.stale).toBeGreaterThan(0)
  })

  test('that is set to the same by many at once makes each run again once at most', async () => {
    await using app = await openTestApp()
    await install(app, {
      handler: `() => done({ state: { plugin: { total: 'same' } } })`,
      state: total,
    })
    await app.send(...Array.from({ length: 12 }, (_, n) => track(`u${n}`, 'Order')))
    await app.idle()
    expect(await own(app)).toEqual({ total: 'same' })
    expect(app.flow?.worker.counts.stale).toBeLessThanOrEqual(11)
  })

  test('is kept up to 10 MB, counted exactly, and refused above', async () => {
    await using app = await openTestApp()
    await install(app, {
      handler: `() => done({ state: { plugin: { total: 'x'.repeat(93) } } })`,
      state: total,
      agent: { onFailure: 'skip' },
    })
    const fill = (bytes: number) => app.sql`
      insert into plugin_state (workspace_id, plugin_id, key, version, revision, value, bytes, updated_at)
      values (${app.workspaceId}, 'keeper', 'past', 1, nextval('state_revision'), '1', ${bytes}, now())
      on conflict (workspace_id, plugin_id, key) do update set bytes = excluded.bytes`
    // Key, quotes and 93 characters are 100 bytes.
    await fill(10_485_760 - 99)
    await order(app, 'ada')
    expect(await agenda(app)).toMatchObject([{ last_error: 'plugin_state_full', parked: 'dead' }])
    await fill(10_485_760 - 100)
    await order(app, 'ada')
    expect(await own(app)).toMatchObject({ total: 'x'.repeat(93) })
    expect(await agenda(app)).toEqual([])
  })
})

describe('a plugin that keeps nothing', () => {
  test('is asked for nothing: no statement names its state', async () => {
    await using app = await openTestApp()
    await install(app, { handler: `({ state, config }) => write([state, config])` })
    // Whoever asks for a table that is not there fails, and no reaction would commit.
    await app.sql`alter table profile_state rename to away_one`
    await app.sql`alter table plugin_state rename to away_two`
    await app.sql`alter table plugin_config_version rename to away_three`
    await order(app, 'ada')
    expect(await probeOf(app, 'ada')).toEqual([{ profile: {}, plugin: {} }, {}])
  })
})
