import { describe, expect, test } from 'vitest'
import { claimReactions } from '../../../../blackboard/query/claimReactions.ts'
import { releaseReactions } from '../../../../blackboard/query/releaseReactions.ts'
import type { JsonObject } from '../../../../core/model/json.ts'
import { identify, openTestApp, testClock, track, type TestApp } from '../../../support/app.ts'
import { probePackage } from '../../../support/probeHost.ts'

const count = `({ profile, causes }) => write((profile.traits.probe?.value ?? 0) + causes.length)`

/** An agent `probe/probe` that counts what woke it and goes by `spend`, which may be a minute old. */
async function install(app: TestApp, need: JsonObject = {}): Promise<void> {
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const pkg = await probePackage(
    count,
    {
      triggers: { events: ['Order'] },
      purpose: 'service',
      reads: { traits: ['spend', 'probe'] },
      needs: [{ trait: 'spend', maxAgeMs: 60_000, ...need }],
    },
    'probe',
    traits,
  )
  await app.registry.install(app.workspaceId, pkg, 'test')
}

async function standing(app: TestApp): Promise<unknown> {
  const [row] = await app.sql`
    select (traits -> 'probe')::int as counted, (select parked from agenda) as parked,
      (select last_error from agenda) as error, (select count(*)::int from agenda) as pending
    from profile where canonical_id = id`
  return { ...row }
}

const done = (counted: number) => ({ counted, parked: null, error: null, pending: 0 })
const waits = (counted: number | null) => ({
  counted,
  parked: 'stale',
  error: 'trait_stale',
  pending: 1,
})

describe('an agent that needs something fresh', () => {
  test('runs while it is fresh, waits once it is not, and runs for every cause when it was refreshed', async () => {
    const clock = testClock()
    await using app = await openTestApp({ clock })
    await install(app)
    const say = (spend: number) => identify('ada', { spend }, { timestamp: clock.now() })
    await app.send(say(5), track('ada', 'Order'))
    await app.idle()
    expect(await standing(app)).toEqual(done(1))
    clock.advance(61_000)
    for (const causes of [1, 2]) {
      await app.send(track('ada', 'Order'))
      await app.idle()
      expect([causes, await standing(app)]).toEqual([causes, waits(1)])
    }
    // The same value again is a refreshment: it tells that it is still so.
    await app.send(say(5))
    await app.idle()
    expect(await standing(app)).toEqual(done(3))
  })

  test('is not woken by what it needs', async () => {
    await using app = await openTestApp()
    await install(app)
    await app.send(identify('ada', { spend: 1 }))
    await app.send(identify('ada', { spend: 2 }))
    await app.idle()
    expect(await standing(app)).toEqual({ ...done(0), counted: null })
  })

  test('waits for what is not there at all', async () => {
    await using app = await openTestApp()
    await install(app, { maxAgeMs: 1000 * 86_400 })
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await standing(app)).toEqual(waits(null))
    await app.send(identify('ada', { spend: 2 }))
    await app.idle()
    expect(await standing(app)).toEqual(done(1))
  })

  test('ends where it skips, and waits for somebody where it halts', async () => {
    for (const [onStale, expected] of [
      ['skip', { ...done(0), counted: null }],
      ['halt', { ...waits(null), parked: 'halted' }],
    ] as const) {
      await using app = await openTestApp()
      await install(app, { onStale })
      await app.send(track('ada', 'Order'))
      await app.idle()
      expect([onStale, await standing(app)]).toEqual([onStale, expected])
      await app.send(identify('ada', { spend: 2 }))
      await app.idle()
      expect([onStale, await standing(app)]).toEqual([onStale, expected])
    }
  })

  test('does not wait for what came while it was found stale', async () => {
    await using app = await openTestApp({ works: false })
    await install(app)
    await app.send(track('ada', 'Order'))
    const { workspaceId } = app
    const head = { rank: -32_768, deadline: '-infinity', rating: 1, position: 0 }
    const seat = {
      workspaceId,
      agent: 'probe/probe',
      servedAt: 0,
      workspaceServedAt: 0,
      weight: 0,
      room: 9,
      ...head,
    }
    const now = new Date().toISOString()
    const bounds = { places: 1, items: 1, ageingMs: 1000, now, owner: 'w' }
    const [row] = await claimReactions(app.sql, { seats: [seat], ...bounds })
    const { profileId = '', epoch } = row ?? {}
    // It commits after the worker looked and before it gives the reaction back.
    await app.send(identify('ada', { spend: 2 }))
    const stale = {
      profileId,
      agent: 'probe/probe',
      epoch,
      dueAt: null,
      parked: 'stale',
      error: 'trait_stale',
      free: true,
    }
    const items = JSON.stringify([stale])
    await releaseReactions(app.sql, { workspaceId, owner: 'w', ids: [profileId], items })
    const [after] = await app.sql`select parked, rank, cardinality(causes) as causes from agenda`
    expect({ ...after }).toEqual({ parked: null, rank: -50, causes: 2 })
  })
})

test('one failure upstream is treated as each of those behind it asks: waits, ends, or is halted', async () => {
  await using app = await openTestApp()
  const traits = (key: string) => [{ key, class: 'none', purposes: ['service'] }]
  const failing = `() => { throw new Error('the figures are not in') }`
  const upstream = {
    triggers: { events: ['Order'] },
    purpose: 'service',
    writes: ['spend'],
    onFailure: 'halt',
  }
  await app.registry.install(
    app.workspaceId,
    await probePackage(failing, upstream, 'upstream', traits('spend')),
    'test',
  )
  for (const onStale of ['retry', 'skip', 'halt']) {
    const key = `${onStale}_ran`
    const code = `() => done({ writes: { ${key}: { value: true } } })`
    const agent = {
      triggers: { events: ['Order'] },
      purpose: 'service',
      reads: { traits: ['spend'] },
      writes: [key],
      needs: [{ trait: 'spend', maxAgeMs: 60_000, onStale }],
    }
    const pkg = await probePackage(code, agent, onStale, traits(key))
    await app.registry.install(app.workspaceId, pkg, 'test')
  }
  await app.send(track('ada', 'Order'))
  await app.idle()
  const rows = await app.sql`select agent, parked, last_error from agenda order by agent`
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { agent: 'halt/probe', parked: 'halted', last_error: 'trait_stale' },
    { agent: 'retry/probe', parked: 'stale', last_error: 'trait_stale' },
    { agent: 'upstream/probe', parked: 'halted', last_error: 'plugin_threw' },
  ])
  const [{ traits: ran } = {}] = await app.sql`select traits from profile`
  expect(ran).toEqual({})
})
