import { describe, expect, test } from 'vitest'
import { createPluginMeter } from '../../../core/plugin/meter.ts'
import { identify, testClock, track } from '../../support/app.ts'
import { feed, openPlugins, type Given } from './given.ts'

type World = Awaited<ReturnType<typeof openPlugins>>

const named = { plugin: 'probe' }
const users = Array.from({ length: 40 }, (_, n) => `u${n}`)
const throwing: Given = { version: '2.0.0', code: `() => { throw new Error('no') }` }
const rolloutOf = async (it: World) => (await it.plugin())?.rollout

/** Resolves once the platform has taken the version back; judged as often as there is something to judge. */
async function untilBack(it: World): Promise<void> {
  while ((await rolloutOf(it))?.state !== 'rolled_back') await it.meter.flush()
}

async function untilDone(it: World): Promise<void> {
  while ((await it.sql`select from agenda`).length > 0) await it.idle()
}

describe('a version that throws is taken back by the platform under load, and every event counts once', () => {
  test.each([
    ['in service', undefined],
    ['on a share of the profiles', 40],
  ])('%s', async (_, canary) => {
    await using it = await openPlugins()
    await it.put()
    const stop = feed(it, users)
    await it.put(throwing, it.admin, canary === undefined ? {} : { canary })
    await untilBack(it)
    const sent = await stop()
    await untilDone(it)
    expect(await it.total()).toBe(sent)
    expect(await it.plugin()).toMatchObject({
      state: 'active',
      current: { version: '1.0.0' },
      waiting: 0,
      rollout: {
        version: '2.0.0',
        state: 'rolled_back',
        // Its strikes may be five before its items are twenty.
        reason: expect.stringMatching(/It failed \d+ of \d+ items/),
      },
    })
    expect(it.host.stats().plugins).toHaveLength(1)
    const acts = await it.sql`
      select actor, payload ->> 'reason' as reason from (
        select actor, action, payload from audit_inbox
        union all select actor, action, payload::jsonb from audit_entry) as acts
      where action = 'plugin.rollback'`
    expect(acts).toEqual([{ actor: 'system', reason: (await rolloutOf(it))?.reason }])
  })

  test.each(['skip', 'halt'])('where it has the platform %s what fails', async (onFailure) => {
    await using it = await openPlugins()
    await it.put()
    const stop = feed(it, users)
    await it.put({ ...throwing, agent: { onFailure } })
    await untilBack(it)
    const sent = await stop()
    await untilDone(it)
    expect(await it.total()).toBe(sent)
  })
})

/** What a version did on this node, as the worker would tell. */
async function ran(
  it: World,
  version: string,
  told: { items: number; failures: number },
): Promise<void> {
  const [row] = await it.sql<{ digest: string }[]>`
    select digest from plugin_version where version = ${version}`
  const { workspaceId } = it
  const run = { workspaceId, plugin: 'probe', agent: 'probe', digest: row?.digest ?? '' }
  const fine = { failures: [], denials: 0, bytesOut: 0, writes: 0, conflicts: 0 }
  it.board.signals.ran({ ...run, ...fine, items: told.items, ms: 1, told })
}

async function openNext(options: { canary?: number; given?: Given } = {}) {
  const clock = testClock()
  const it = await openPlugins({ works: false, clock })
  await it.put()
  const next = async () => {
    const { canary } = options
    await it.put({ version: '2.0.0', ...options.given }, it.admin, canary ? { canary } : {})
  }
  return { ...it, clock, next, [Symbol.asyncDispose]: () => it[Symbol.asyncDispose]() }
}

describe('a version in service', () => {
  test('goes on when it fails no more than twice as often as the one before', async () => {
    await using it = await openNext()
    await ran(it, '1.0.0', { items: 100, failures: 10 })
    await it.meter.flush()
    await it.next()
    expect(await rolloutOf(it)).toMatchObject({ baseItems: 100, baseFailures: 10 })
    await ran(it, '2.0.0', { items: 100, failures: 20 })
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'watching', items: 100, failures: 20 })
    await ran(it, '2.0.0', { items: 10, failures: 10 })
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'rolled_back', items: 110, failures: 30 })
  })

  test('that was taken back is not stepped back to by who comes a moment later, and may be installed again', async () => {
    await using it = await openNext()
    await it.next()
    await ran(it, '2.0.0', { items: 20, failures: 20 })
    await it.meter.flush()
    const refused = it.actions.rollbackPlugin(it.admin, named)
    await expect(refused).rejects.toMatchObject({
      code: 'plugin_taken_back',
      message: expect.stringContaining('It failed 20 of 20 items'),
    })
    expect(await it.plugin()).toMatchObject({ current: { version: '1.0.0' } })
    await it.next()
    expect(await it.plugin()).toMatchObject({ current: { version: '2.0.0' } })
    await it.actions.rollbackPlugin(it.admin, named)
    await it.actions.rollbackPlugin(it.admin, named)
    expect(await it.plugin()).toMatchObject({ current: { version: '2.0.0' } })
  })

  test('is through after a thousand items, or ten minutes from its first', async () => {
    await using it = await openNext()
    await it.next()
    await ran(it, '2.0.0', { items: 1000, failures: 50 })
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'completed', reason: 'stood' })

    await it.put({ version: '3.0.0' })
    it.clock.advance(600_000)
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ version: '3.0.0', state: 'watching' })
    await ran(it, '3.0.0', { items: 1, failures: 0 })
    await it.meter.flush()
    it.clock.advance(600_000)
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'completed', reason: 'stood' })
    // What comes of it later is a matter of strikes.
    await ran(it, '3.0.0', { items: 1000, failures: 900 })
    await it.meter.flush()
    expect(await it.plugin()).toMatchObject({ current: { version: '3.0.0' }, state: 'active' })
  })

  test('is judged by what all nodes saw, once', async () => {
    await using it = await openNext()
    await it.next()
    const other = { ...it.board, signals: { ...it.board.signals } }
    await using meter = createPluginMeter(other, it.registry, it.lines, it.host)
    // Both meters hear it, as two nodes that saw as much each.
    await ran(it, '2.0.0', { items: 15, failures: 3 })
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'watching', items: 15 })
    await Promise.all([meter.flush(), it.meter.flush()])
    expect(await rolloutOf(it)).toMatchObject({ state: 'rolled_back', items: 30, failures: 6 })
    expect((await it.audited()).filter((action) => action === 'plugin.rollback')).toHaveLength(1)
  })

  test('is not watched where there was none before it, or none that worked, or after a step back', async () => {
    await using it = await openNext()
    expect(await rolloutOf(it)).toBeNull()
    await it.next()
    await it.actions.rollbackPlugin(it.admin, named)
    expect(await it.sql`select from plugin_rollout where ended_at is null`).toEqual([])
    await it.sql`update plugin set state = 'quarantined'`
    await it.put({ version: '3.0.0' })
    expect(await it.sql`select from plugin_rollout where ended_at is null`).toEqual([])
  })

  test('is quarantined instead where the one before may not run any more', async () => {
    await using it = await openNext()
    await it.next()
    await it.sql`alter table plugin_version disable trigger plugin_version_never_changes`
    await it.sql`update plugin_version set bundle = bundle || ' ' where version = '1.0.0'`
    await ran(it, '2.0.0', { items: 20, failures: 20 })
    await it.meter.flush()
    expect(await it.plugin()).toMatchObject({
      state: 'quarantined',
      reason: 'rollback_plugin_digest_mismatch',
      current: { version: '2.0.0' },
      rollout: { state: 'completed', reason: 'quarantined' },
    })
  })

  test('is quarantined instead once it keeps what the one before would not understand', async () => {
    const state = (version: number) => ({ overrides: { state: { version, profile: ['seen'] } } })
    await using it = await openPlugins({ works: false })
    await it.put(state(1))
    const migrate = '() => done() }, migrate(old) { return old'
    await it.put({ version: '2.0.0', code: migrate, ...state(2) })
    await it.sql`insert into profile_state
      (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
      values (${it.workspaceId}, 'p', 'probe', 2, 1, '{}', 2, now())`
    await ran(it, '2.0.0', { items: 20, failures: 20 })
    await it.meter.flush()
    expect(await it.plugin()).toMatchObject({
      state: 'quarantined',
      reason: 'rollback_plugin_state_newer',
    })
  })

  test('is taken back where it cannot migrate what is remembered', async () => {
    await using it = await openPlugins()
    const state = (version: number) => ({ overrides: { state: { version, profile: ['seen'] } } })
    const code = `({ causes, state }) => {
      const seen = (state.profile.seen ?? 0) + causes.length
      return done({ writes: { counted: { value: seen } }, state: { profile: { seen } } }) }`
    await it.put({ code, ...state(1) })
    await it.send(...users.map((user) => track(user, 'Order')))
    await it.idle()
    const migrate = `${code} }, migrate() { throw new Error('no')`
    await it.put({ version: '2.0.0', code: migrate, ...state(2) })
    await it.send(...users.map((user) => track(user, 'Order')))
    await untilBack(it)
    while ((await it.sql`select from agenda`).length > 0) await it.idle()
    expect(await it.total()).toBe(2 * users.length)
  })
})

describe('a version that is tried', () => {
  test('and was taken back is not taken for the one in service by who comes a moment later', async () => {
    await using it = await openNext()
    await it.next()
    await it.put({ version: '3.0.0' }, it.admin, { canary: 10 })
    await ran(it, '3.0.0', { items: 20, failures: 20 })
    await it.meter.flush()
    const back = () => it.actions.rollbackPlugin(it.admin, named)
    await expect(back()).rejects.toMatchObject({ code: 'plugin_taken_back' })
    expect(await it.plugin()).toMatchObject({ current: { version: '2.0.0' } })
    it.clock.advance(60_000)
    await back()
    expect(await it.plugin()).toMatchObject({ current: { version: '1.0.0' } })
  })

  test('is held against what the version in service does meanwhile', async () => {
    await using it = await openNext({ canary: 10 })
    await ran(it, '1.0.0', { items: 100, failures: 90 })
    await it.meter.flush()
    await it.next()
    expect(await rolloutOf(it)).toMatchObject({ baseItems: 0, baseFailures: 0 })
    await ran(it, '1.0.0', { items: 900, failures: 18 })
    await ran(it, '2.0.0', { items: 100, failures: 5 })
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'canary', baseItems: 900, items: 100 })
    await ran(it, '2.0.0', { items: 1, failures: 1 })
    await it.meter.flush()
    expect(await it.plugin()).toMatchObject({
      current: { version: '1.0.0' },
      rollout: {
        state: 'rolled_back',
        reason:
          'It failed 6 of 101 items (5.9 %, 5 % are allowed); the version before failed 18 of 900.',
      },
    })
  })

  test('is not to blame for what the version in service fails at', async () => {
    await using it = await openNext({ canary: 10 })
    await it.next()
    await ran(it, '1.0.0', { items: 100, failures: 100 })
    await ran(it, '2.0.0', { items: 100, failures: 0 })
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'canary', failures: 0 })
  })
})

describe('one poisoned profile', () => {
  const poisoned = `({ profile, causes }) => {
    if (profile.traits.plan?.value === 'poison') throw new Error('no')
    return done({ writes: { counted: { value: (profile.traits.counted?.value ?? 0) + causes.length } } }) }`

  test('that is tried again and again counts once, and the version stands', async () => {
    await using it = await openPlugins()
    await it.put()
    const agent = { reads: { traits: ['counted', 'plan'] } }
    await it.put({ version: '2.0.0', code: poisoned, agent })
    await it.actions.approvePlugin(it.admin, named)
    await it.send(identify('eve', { plan: 'poison' }))
    await it.send(track('eve', 'Order'), ...users.slice(0, 25).map((user) => track(user, 'Order')))
    // Its back-off ends long after the test; the next tries are made to come at once.
    for (let tries = 0; tries < 4; tries += 1) {
      await it.idle()
      await it.sql`update agenda set rank = -priority, due_at = null where due_at is not null`
      it.board.signals.send('agenda')
    }
    await it.idle()
    await it.meter.flush()
    expect(await rolloutOf(it)).toMatchObject({ state: 'watching', items: 26, failures: 1 })
  })
})

test('a version that hangs is taken back by its strikes, and the plugin is not quarantined', async () => {
  await using it = await openPlugins()
  await it.put()
  await it.put({ version: '2.0.0', code: '() => { for (;;) {} }' })
  const five = users.slice(0, 5)
  await it.send(...five.map((user) => track(user, 'Order')))
  await untilBack(it)
  while ((await it.sql`select from agenda`).length > 0) await it.idle()
  expect(await it.total()).toBe(five.length)
  expect(await it.plugin()).toMatchObject({
    state: 'active',
    current: { version: '1.0.0' },
    rollout: { reason: expect.stringMatching(/strikes, the last for plugin_timeout/) },
  })
  expect(await it.audited()).toEqual(['plugin.install', 'plugin.install', 'plugin.rollback'])
})
