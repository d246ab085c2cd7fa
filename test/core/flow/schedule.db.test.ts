import { describe, expect, test } from 'vitest'
import { runSchedules } from '../../../core/flow/schedule.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { pausePlugin } from '../../../core/plugin/pausePlugin.ts'
import { resumePlugin } from '../../../core/plugin/resumePlugin.ts'
import { alias, identify, openTestApp, testClock, type TestApp } from '../../support/app.ts'
import { probePackage } from '../../support/probeHost.ts'
import { readerOf } from '../../support/readerOf.ts'
import { erase } from '../subject/given.ts'

const told = `({ profile, causes }) => write([...(profile.traits.probe?.value ?? []), ...causes.map((c) => c.at)])`
const six = { cron: '0 6 * * *', timezone: 'UTC' }
const hour = 3_600_000

async function open(agent: JsonObject = {}) {
  const clock = testClock()
  const app = await openTestApp({ clock })
  // One minute to six, so that the day of the test does not matter.
  const now = clock.now()
  const start = new Date(now)
  start.setUTCHours(29, 59, 0, 0)
  clock.advance(start.getTime() - now.getTime())
  const declared = {
    triggers: { schedules: [six] },
    purpose: 'service',
    reads: { traits: ['score', 'probe'] },
    ...agent,
  }
  await app.registry.install(app.workspaceId, await packageOf(declared), 'test')
  const due = (days = 0) => new Date(start.getTime() + 60_000 + days * 24 * hour).toISOString()
  return { app, clock, due }
}

const packageOf = (agent: JsonObject) =>
  probePackage(told, agent, 'probe', [{ key: 'probe', class: 'none', purposes: ['service'] }])

async function ring(app: TestApp): Promise<number> {
  let parts = 0
  while ((await runSchedules(app.board)) > 0) parts += 1
  await app.idle()
  return parts
}

async function heard(app: TestApp, user: string): Promise<unknown> {
  const id = await app.profileOf(user)
  const [row] = await app.sql`select traits -> 'probe' as value from profile where id = ${id}`
  return row?.['value'] ?? null
}

describe('an agent that is woken by the clock', () => {
  test('is woken at its time and not before, once for everybody, and again the next day', async () => {
    const { app, clock, due } = await open()
    await using _ = app
    await app.send(identify('ada', {}), identify('eve', {}))
    await ring(app)
    expect(await heard(app, 'ada')).toBeNull()
    clock.advance(61_000)
    await ring(app)
    await ring(app)
    expect([await heard(app, 'ada'), await heard(app, 'eve')]).toEqual([[due()], [due()]])
    clock.advance(24 * hour)
    await ring(app)
    expect(await heard(app, 'ada')).toEqual([due(), due(1)])
  })

  test('is told of the last time alone when several were missed', async () => {
    const { app, clock, due } = await open()
    await using _ = app
    await app.send(identify('ada', {}))
    clock.advance(3 * 24 * hour + 61_000)
    await ring(app)
    expect(await heard(app, 'ada')).toEqual([due(3)])
  })

  test('is woken for those of whom its precondition holds', async () => {
    const { app, clock, due } = await open({ when: { 'traits.score': { $gte: 10 } } })
    await using _ = app
    await app.send(
      identify('ada', { score: 10 }),
      identify('eve', { score: 9 }),
      identify('joe', {}),
    )
    clock.advance(61_000)
    await ring(app)
    const all = [await heard(app, 'ada'), await heard(app, 'eve'), await heard(app, 'joe')]
    expect(all).toEqual([[due()], null, null])
  })

  test('reaches a person once, whoever they were merged with, and nobody who is erased', async () => {
    const { app, clock, due } = await open()
    await using _ = app
    await app.send(identify('ada', {}), identify('ada-too', {}), identify('gone', {}))
    await app.send(alias('ada-too', 'ada'))
    await erase(app, await app.profileOf('gone'))
    clock.advance(61_000)
    await ring(app)
    expect(await heard(app, 'ada')).toEqual([due()])
    const rows = await app.sql`select count(*)::int as n from profile where traits ? 'probe'`
    expect({ ...rows[0] }).toEqual({ n: 1 })
  })

  test('reaches a large audience part by part, and two nodes share it without waking anybody twice', async () => {
    const { app, clock, due } = await open()
    await using _ = app
    await app.sql`
      insert into profile (workspace_id, id, canonical_id, traits, provenance, created_at, updated_at)
      select ${app.workspaceId}, id, id, '{}', '{}', now(), now()
      from (select 'Z' || lpad(n::text, 6, '0') as id from generate_series(1, 2500) n) as made`
    clock.advance(61_000)
    const parts = await Promise.all([ring(app), ring(app)])
    expect(parts[0] + parts[1]).toBeGreaterThanOrEqual(3)
    const rows =
      await app.sql`select traits -> 'probe' as heard, count(*)::int as n from profile group by 1`
    expect(rows.map((row) => ({ ...row }))).toEqual([{ heard: [due()], n: 2500 }])
    const [left] = await app.sql`select due_at, upto from schedule`
    expect({ ...left }).toEqual({ due_at: null, upto: null })
  })

  test('is not woken while its plugin is paused, and once when it is back', async () => {
    const { app, clock, due } = await open()
    await using _ = app
    await app.send(identify('ada', {}))
    const admin = await readerOf(app, 'admin')
    await pausePlugin(admin, app.registry, { plugin: 'probe' })
    clock.advance(2 * 24 * hour + 61_000)
    expect(await ring(app)).toBe(0)
    expect(await app.sql`select 1 from agenda`).toEqual([])
    await resumePlugin(admin, app.registry, { plugin: 'probe' })
    await ring(app)
    expect(await heard(app, 'ada')).toEqual([due(2)])
  })

  test('keeps its time through an upgrade, and has none once it names none or is removed', async () => {
    const { app } = await open()
    await using _ = app
    const times = async () =>
      (await app.sql`select cron, next_at from schedule`).map((row) => ({ ...row }))
    const before = await times()
    expect(before).toHaveLength(1)
    const triggers = { schedules: [six], events: ['Order'] }
    await app.registry.install(
      app.workspaceId,
      await packageOf({ triggers, purpose: 'service' }),
      'test',
    )
    expect(await times()).toEqual(before)
    const without = { triggers: { events: ['Order'] }, purpose: 'service' }
    await app.registry.install(app.workspaceId, await packageOf(without), 'test')
    expect(await times()).toEqual([])
    await app.registry.install(
      app.workspaceId,
      await packageOf({ triggers, purpose: 'service' }),
      'test',
    )
    await app.registry.remove(app.workspaceId, 'probe', 'test')
    expect(await times()).toEqual([])
  })
})
