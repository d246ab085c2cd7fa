import { describe, expect, test } from 'vitest'
import { isInCanary } from '../../../core/model/canary.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { continuePurge, purgeSettleMs } from '../../../core/plugin/continuePurge.ts'
import { fitPlugins } from '../../../core/plugin/fitPlugins.ts'
import { quarantinePlugin } from '../../../core/plugin/quarantinePlugin.ts'
import { refusePlugin } from '../../../core/plugin/refusePlugin.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { alias, testClock, track } from '../../support/app.ts'
import { openPlugins } from './given.ts'

type World = Awaited<ReturnType<typeof openPlugins>>

const named = { plugin: 'probe' }
const users = Array.from({ length: 60 }, (_, n) => `u${n}`)
const says = (word: number) => `() => done({ writes: { counted: { value: ${word} } } })`
const one = { code: says(1) }
const two = { version: '2.0.0', code: says(2) }

/** Which version each profile had last: 1, or 2 for the one that is tried. */
async function words(it: World): Promise<Map<string, unknown>> {
  const rows = await it.sql<{ id: string; traits: JsonObject }[]>`
    select id, traits from profile where canonical_id = id order by id`
  return new Map(rows.map(({ id, traits }) => [id, traits['counted']]))
}

async function order(it: World, ...some: readonly string[]): Promise<Map<string, unknown>> {
  await it.send(...(some.length > 0 ? some : users).map((user) => track(user, 'Order')))
  await it.idle()
  return words(it)
}

/** What `words` gives while that share has the new version. */
const expected = (known: Map<string, unknown>, digest: string, share: number) =>
  new Map([...known.keys()].map((id) => [id, isInCanary(id, digest, share) ? 2 : 1]))

async function openCanary(share: number) {
  const it = await openPlugins()
  await it.put(one)
  const { inspection } = await it.put(two, it.admin, { canary: share })
  return { ...it, digest: inspection?.pkg.digest ?? '' }
}

describe('a version that is tried', () => {
  test('has its share of the profiles, always the same, and more when the share grows', async () => {
    await using it = await openCanary(30)
    expect(await it.plugin()).toMatchObject({
      current: { version: '1.0.0' },
      previous: null,
      rollout: { version: '2.0.0', state: 'canary', share: 30, startedBy: 'principal:admin' },
    })
    const first = await order(it)
    expect(first).toEqual(expected(first, it.digest, 30))
    expect(new Set(first.values())).toEqual(new Set([1, 2]))
    expect(await order(it)).toEqual(first)

    await it.actions.setPluginShare(it.admin, { ...named, share: 70 })
    const more = await order(it)
    expect(more).toEqual(expected(first, it.digest, 70))
    const count = (known: Map<string, unknown>) =>
      known
        .values()
        .filter((word) => word === 2)
        .toArray().length
    expect(count(more)).toBeGreaterThan(count(first))
    await it.meter.flush()
    const { rollout } = (await it.plugin()) ?? {}
    expect(rollout).toMatchObject({ share: 70, failures: 0, baseFailures: 0 })
    expect((rollout?.items ?? 0) + (rollout?.baseItems ?? 0)).toBe(180)
    expect(rollout?.items).toBe(2 * count(first) + count(more))
    expect((await it.audited()).slice(-2)).toEqual(['plugin.install', 'plugin.share'])
  })

  test('takes over whole when it is promoted, and is watched from then on', async () => {
    await using it = await openCanary(10)
    await it.actions.promotePlugin(it.admin, named)
    expect(new Set((await order(it)).values())).toEqual(new Set([2]))
    expect(await it.plugin()).toMatchObject({
      current: { version: '2.0.0' },
      previous: { version: '1.0.0' },
      rollout: { state: 'watching', share: 100, failures: 0 },
    })
    const rows = await it.sql`select state, share, reason from plugin_rollout order by id`
    expect(rows).toMatchObject([
      { state: 'completed', share: 10, reason: 'promoted' },
      { state: 'watching', share: 100, reason: null },
    ])
    expect(it.host.stats().plugins).toHaveLength(1)
    const verdicts = await it.sql`select verdict from plugin_approval order by id`
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['automatic', 'automatic', 'promoted'])
    expect((await it.audited()).at(-1)).toBe('plugin.promote')
  })

  test('leaves all to the version in service when it is taken back', async () => {
    await using it = await openCanary(90)
    await order(it)
    await it.actions.rollbackPlugin(it.admin, { ...named, comment: 'not that' })
    expect(new Set((await order(it)).values())).toEqual(new Set([1]))
    expect(await it.plugin()).toMatchObject({
      current: { version: '1.0.0' },
      previous: null,
      rollout: { state: 'rolled_back', reason: 'not that' },
    })
    expect(it.host.stats().plugins).toHaveLength(1)
    await expect(it.actions.promotePlugin(it.admin, named)).rejects.toMatchObject({
      code: 'plugin_no_canary',
    })
    const share = { ...named, share: 20 }
    await expect(it.actions.setPluginShare(it.admin, share)).rejects.toMatchObject({
      code: 'plugin_no_canary',
    })
  })

  test('has who was merged by what they count as now, and reacts for them once', async () => {
    await using it = await openCanary(50)
    await order(it)
    const ids = await Promise.all(
      users.map(async (user) => [user, await it.profileOf(user)] as const),
    )
    const inside = ids.filter(([, id]) => isInCanary(id, it.digest, 50)).map(([user]) => user)
    const outside = users.filter((user) => !inside.includes(user))
    const pairs = Array.from({ length: 8 }, (_, n) => [inside[n] ?? '', outside[n] ?? ''] as const)
    await it.send(...pairs.map(([left, right]) => alias(left, right)))
    await it.send(...pairs.flatMap((pair) => pair.map((user) => track(user, 'Order'))))
    await it.idle()
    const after = await words(it)
    expect(after.size).toBe(users.length - pairs.length)
    expect(after).toEqual(expected(after, it.digest, 50))
    expect(await it.sql`select from agenda`).toEqual([])
  })

  test('binds what it concludes by what it reads, as long as it runs', async () => {
    await using it = await openPlugins({ works: false })
    const traits = {
      traits: [{ key: 'counted', class: 'none', purposes: ['service', 'analytics'] }],
    }
    await defineTrait(it.officer, {
      key: 'plan',
      dataClass: 'none',
      purposes: ['service'],
      reason: 'only for that',
    })
    await it.put({ ...one, overrides: traits })
    const reads = { traits: ['counted', 'plan'] }
    await it.put({ ...two, overrides: traits, agent: { reads } }, it.admin, { canary: 5 })
    const usable = async () => {
      const [row] = await it.sql`
        select effective_purposes as of from trait_definition where key = 'counted'`
      return row?.['of'] ?? null
    }
    expect(await usable()).toBeNull()
    await it.actions.approvePlugin(it.admin, named)
    expect(await usable()).toEqual(['service'])
    await it.actions.rollbackPlugin(it.admin, named)
    expect(await usable()).toBeNull()
  })
})

describe('a version that needs approval', () => {
  const reads = { traits: ['counted', 'plan'] }

  test('is tried on the share that it was asked for with, once somebody agrees', async () => {
    await using it = await openPlugins({ works: false })
    await it.put(one)
    await it.put({ ...two, agent: { reads } }, it.admin, { canary: 15 })
    expect(await it.plugin()).toMatchObject({ candidate: { share: 15 }, rollout: null })
    await it.actions.approvePlugin(it.officer, named)
    expect(await it.plugin()).toMatchObject({
      current: { version: '1.0.0' },
      candidate: null,
      rollout: { version: '2.0.0', state: 'canary', share: 15, startedBy: 'principal:officer' },
    })
  })

  test('is tried on another share where who agrees says so, and on none when it is refused', async () => {
    await using it = await openPlugins({ works: false })
    await it.put(one)
    await it.put({ ...two, agent: { reads } })
    await it.actions.approvePlugin(it.officer, { ...named, canary: 3 })
    expect(await it.plugin()).toMatchObject({ rollout: { state: 'canary', share: 3 } })
    await it.put({ ...two, version: '3.0.0', agent: { reads } }, it.admin, { canary: 15 })
    await refusePlugin(it.officer, named)
    expect(await it.plugin()).toMatchObject({ candidate: null, rollout: { version: '2.0.0' } })
  })
})

describe('a trial on a share is refused', () => {
  test.each([
    ['something else wakes', { agent: { triggers: { events: ['Visit'] } } }],
    ['writes other traits', { agent: { writes: [] } }],
    ['keeps state of version 1', { overrides: { state: { version: 1, profile: ['seen'] } } }],
  ])('where two versions cannot run beside each other: %s', async (reason, given) => {
    await using it = await openPlugins({ works: false })
    await it.put(one)
    const before = await it.plugin()
    const trial = it.put({ ...two, ...given }, it.admin, { canary: 10 })
    await expect(trial).rejects.toMatchObject({
      code: 'plugin_canary_refused',
      message: expect.stringContaining(reason),
      remedy: 'Roll it out whole: install it without a canary share.',
    })
    expect(await it.plugin()).toEqual(before)
    expect(await it.sql`select 1 from plugin_version`).toHaveLength(1)
    expect(it.host.stats().plugins).toHaveLength(1)
  })

  test('where nothing runs beside it, or the very same, and for a share that is none', async () => {
    await using it = await openPlugins({ works: false })
    const trial = (given = two, canary = 10) => it.put(given, it.admin, { canary })
    await expect(trial()).rejects.toMatchObject({ code: 'plugin_canary_refused' })
    await it.put(one)
    for (const share of [0, 100, 1.5]) {
      await expect(trial(two, share)).rejects.toMatchObject({ code: 'bad_input' })
    }
    await expect(trial({ version: '1.0.0', ...one })).rejects.toMatchObject({
      code: 'plugin_canary_refused',
    })
    await it.actions.pausePlugin(it.admin, named)
    await expect(trial()).rejects.toMatchObject({ code: 'plugin_canary_refused' })
  })
})

describe('a trial is over', () => {
  const open = (it: World) => it.sql`select from plugin_rollout where ended_at is null`
  const last = async (it: World) => (await it.plugin())?.rollout

  test('when another version is tried, or takes over whole', async () => {
    await using it = await openCanary(10)
    await it.put({ ...two, version: '3.0.0' }, it.admin, { canary: 20 })
    expect(await open(it)).toHaveLength(1)
    expect(await last(it)).toMatchObject({ version: '3.0.0', state: 'canary', share: 20 })
    await it.put({ ...two, version: '4.0.0' })
    expect(await open(it)).toHaveLength(1)
    expect(await last(it)).toMatchObject({ version: '4.0.0', state: 'watching' })
    const over = await it.sql`select state, reason from plugin_rollout where ended_at is not null`
    const overtaken = { state: 'rolled_back', reason: 'overtaken' }
    expect(over).toEqual([overtaken, overtaken])
    expect(await it.plugin()).toMatchObject({ previous: { version: '1.0.0' } })
    expect(it.host.stats().plugins).toHaveLength(1)
  })

  test('when the plugin is paused, and one version goes on', async () => {
    await using it = await openCanary(50)
    await it.actions.pausePlugin(it.admin, named)
    expect(await last(it)).toMatchObject({ state: 'rolled_back', reason: 'paused' })
    await it.actions.resumePlugin(it.admin, named)
    expect(new Set((await order(it)).values())).toEqual(new Set([1]))
  })

  test('when a newer product does not fit it, and the version in service goes on', async () => {
    await using it = await openPlugins()
    const fits = (slateboard: string) => ({ overrides: { engines: { slateboard } } })
    await it.put({ ...one, ...fits('*') })
    const { inspection } = await it.put({ ...two, ...fits('~0.1.0') }, it.admin, { canary: 50 })
    await order(it)
    expect(await fitPlugins({ ...it.board, engine: '0.1.9' })).toBe(0)
    expect(await last(it)).toMatchObject({ state: 'canary' })
    expect(await fitPlugins({ ...it.board, engine: '0.2.0' })).toBe(1)
    expect(await last(it)).toMatchObject({
      digest: inspection?.pkg.digest,
      state: 'rolled_back',
      reason: 'engine_version',
    })
    await it.registry.refresh()
    expect(new Set((await order(it)).values())).toEqual(new Set([1]))
  })

  test('when the plugin is quarantined or removed, and nothing of it stays after a purge', async () => {
    const clock = testClock()
    await using it = await openPlugins({ clock, works: false })
    await it.put(one)
    await it.put(two, it.admin, { canary: 50 })
    const { workspaceId } = it
    await quarantinePlugin(it.board, it.registry, { workspaceId, ...named, reason: 'strikes' })
    expect(await last(it)).toMatchObject({ state: 'rolled_back', reason: 'quarantined' })
    await it.actions.releasePlugin(it.admin, named)
    await it.put(two, it.admin, { canary: 10 })
    await it.actions.removePlugin(it.admin, named)
    expect(await last(it)).toMatchObject({ state: 'rolled_back', reason: 'removed' })
    expect(it.host.stats().plugins).toEqual([])
    await it.actions.purgePlugin(it.admin, named)
    while ((await continuePurge(it.board, 100)) > 0);
    clock.advance(purgeSettleMs)
    while ((await continuePurge(it.board, 100)) > 0);
    expect(await it.plugin()).toMatchObject({ state: 'purged', rollout: null })
  })
})
