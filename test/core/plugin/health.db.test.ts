import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { nodeHealthOf } from '../../../core/plugin/nodeHealth.ts'
import { createPluginMeter } from '../../../core/plugin/meter.ts'
import { listHealth } from '../../../core/read/pluginHealth.ts'
import { identify, track } from '../../support/app.ts'
import { readerOf } from '../../support/readerOf.ts'
import { openPlugins } from './given.ts'

type World = Awaited<ReturnType<typeof openPlugins>>

const healthOf = async (it: World) => {
  await it.meter.flush()
  return (await listHealth(it.admin, ['probe']))[0]
}

/** Fails for those whose plan says so, and says who it was. */
const moody = `({ profile }, ctx) => {
  const plan = profile.traits.plan?.value
  ctx.log('warn', 'looking at ' + plan)
  if (plan === 'hang forever') for (;;) {}
  if (plan === 'throw at once') throw new Error('cannot do ' + plan)
  return done({ writes: { counted: { value: 1 } } })
}`
const given = { code: moody, agent: { reads: { traits: ['counted', 'plan'] } } }

const order = async (it: World, plan: string, ...users: string[]) => {
  await it.send(...users.map((user) => identify(user, { plan })))
  await it.send(...users.map((user) => track(user, 'Order', { note: 'Elm Street' })))
}

const five = ['u1', 'u2', 'u3', 'u4', 'u5']

/** Runs until the plugin is quarantined or nothing is left to do. */
async function untilQuarantined(it: World): Promise<void> {
  const stopped = Promise.withResolvers<void>()
  const stop = it.board.signals.on('plugin', () => {
    if (it.registry.all().length === 0) stopped.resolve()
  })
  await stopped.promise
  stop()
}

describe('a plugin that hangs for several persons', () => {
  test('is quarantined with what shows why, waits, and goes on when released', async () => {
    const lines: string[] = []
    const log = pino({ level: 'error' }, { write: (line) => void lines.push(line) })
    await using it = await openPlugins({ log })
    await it.put(given)
    await order(it, 'fine day', 'u0')
    await it.idle()
    const stopped = untilQuarantined(it)
    await order(it, 'hang forever', ...five)
    await stopped
    expect(await it.plugin()).toMatchObject({
      state: 'quarantined',
      reason: 'strikes_plugin_timeout',
    })
    const health = await healthOf(it)
    expect(health?.quarantine).toMatchObject({
      code: 'plugin_timeout',
      lines: expect.arrayContaining([
        expect.objectContaining({ level: 'warn', message: 'looking at [masked]' }),
      ]),
    })
    const [event] = await it.sql<{ count: number }[]>`
      select count(*)::int as count from event where id = ${health?.quarantine?.eventId ?? ''}`
    expect(event?.count).toBe(1)
    expect(health?.strikes).toEqual([])
    expect(await it.audited()).toEqual(['plugin.install', 'plugin.quarantine'])
    expect(lines.filter((line) => line.includes('is quarantined'))).toHaveLength(1)
    expect(JSON.stringify([health, lines])).not.toMatch(/hang forever|fine day|Elm Street/)

    expect(await it.total()).toBe(1)
    await it.actions.releasePlugin(it.admin, { plugin: 'probe' })
    await order(it, 'fine day', ...five)
    await it.idle()
    expect(await it.plugin()).toMatchObject({ state: 'active', waiting: 0 })
    expect(await it.total()).toBe(6)
  })

  test('has strikes that all nodes add up', async () => {
    await using it = await openPlugins({ works: false })
    await it.put(given)
    const { digest = '' } = it.registry.all()[0] ?? {}
    const other = { ...it.board, signals: { ...it.board.signals } }
    await using meter = createPluginMeter(other, it.registry, it.lines, it.host)
    const run = (profileId: string) =>
      it.board.signals.ran({
        workspaceId: it.workspaceId,
        plugin: 'probe',
        agent: 'probe',
        digest,
        items: 1,
        ms: 1,
        denials: 0,
        writes: 0,
        conflicts: 0,
        bytesOut: 0,
        told: { items: 0, failures: 0 },
        failures: [
          {
            code: 'plugin_timeout',
            message: 'slow',
            profileId,
            eventId: null,
            shape: () => ({}),
          },
        ],
      })
    // Both meters hear each run, as two nodes that saw one each.
    run('a')
    run('b')
    await it.meter.flush()
    expect(await it.plugin()).toMatchObject({ state: 'active' })
    await meter.flush()
    expect(await it.plugin()).toMatchObject({ state: 'active' })
    expect((await listHealth(it.admin, ['probe']))[0]).toMatchObject({ calls: 4, failures: 4 })
    run('c')
    await meter.flush()
    expect(await it.plugin()).toMatchObject({ state: 'quarantined' })
    await it.meter.flush()
    expect(await it.audited()).toEqual(['plugin.install', 'plugin.quarantine'])
  })
})

test('a plugin that throws for one person of many is told of, and goes on', async () => {
  await using it = await openPlugins()
  await it.put(given)
  await order(it, 'fine', ...five)
  await order(it, 'throw at once', 'eve')
  await it.idle()
  const health = await healthOf(it)
  expect(await it.plugin()).toMatchObject({ state: 'active' })
  expect(await it.total()).toBe(5)
  expect(health).toMatchObject({
    strikes: [],
    quarantine: null,
    lastError: {
      code: 'plugin_threw',
      agent: 'probe',
      profileId: await it.profileOf('eve'),
      input: { traits: { plan: 'text(13)' } },
    },
  })
  expect(health?.items).toBeGreaterThanOrEqual(6)
  expect(health?.failures).toBeGreaterThanOrEqual(1)
  expect(health?.latencyP99Ms).toBeGreaterThan(0)
  expect(JSON.stringify(health)).not.toContain('throw at once')
  const node = nodeHealthOf(it, it.admin, 'probe')
  expect(node).toMatchObject({ phase: 'running', memoryShare: 1 })
  expect(node.lines.at(-1)).toMatchObject({ message: 'looking at [masked]' })
  const text = await it.metrics.registry.metrics()
  expect(text).toContain('slateboard_plugin_items_total{plugin="probe"}')
  expect(text).toContain('slateboard_plugins{state="awake"} 1')
})

test('how plugins fare is for those who may read them, each workspace its own', async () => {
  await using it = await openPlugins()
  await it.put()
  await it.send(track('ada', 'Order'))
  await it.idle()
  expect(await healthOf(it)).toMatchObject({ plugin: 'probe' })
  const app = await readerOf(it, 'app')
  await expect(listHealth(app, ['probe'])).rejects.toMatchObject({ code: 'forbidden' })
  expect(() => nodeHealthOf(it, app, 'probe')).toThrow(
    expect.objectContaining({ code: 'forbidden' }),
  )
})

test('counts that could not be written down are not lost', async () => {
  await using it = await openPlugins({ works: false })
  await it.put()
  const { digest = '' } = it.registry.all()[0] ?? {}
  const of = { workspaceId: it.workspaceId, plugin: 'probe', agent: 'probe', digest }
  const run = { ...of, bytesOut: 7, writes: 0, conflicts: 0, told: { items: 0, failures: 0 } }
  await it.sql`alter table plugin_health rename to elsewhere`
  it.board.signals.ran({ ...run, items: 3, ms: 1, denials: 1, failures: [] })
  const flushing = it.meter.flush()
  const taken = Promise.withResolvers<void>()
  setImmediate(taken.resolve)
  await taken.promise
  it.board.signals.ran({ ...run, items: 2, ms: 1, denials: 0, failures: [] })
  await expect(flushing).rejects.toMatchObject({ code: expect.any(String) })
  await it.sql`alter table elsewhere rename to plugin_health`
  it.board.signals.ran({ ...run, items: 4, ms: 1, denials: 0, failures: [] })
  expect(await healthOf(it)).toMatchObject({ calls: 3, items: 9, denials: 1, bytesOut: 21 })
})

test('a sleeping plugin wakes with what happens, and loses nothing', async () => {
  await using it = await openPlugins()
  await it.put()
  await it.send(track('ada', 'Order'))
  await it.idle()
  await it.actions.pausePlugin(it.admin, { plugin: 'probe' })
  await it.actions.resumePlugin(it.admin, { plugin: 'probe' })
  expect(it.host.stats()).toMatchObject({ sleeping: 1 })
  expect(nodeHealthOf(it, it.admin, 'probe')).toMatchObject({ phase: 'sleeping', memoryShare: 0 })
  await it.send(track('ada', 'Order'), track('bob', 'Order'))
  await it.idle()
  expect(await it.total()).toBe(3)
  expect(it.host.stats()).toMatchObject({ sleeping: 0 })
})
