import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../core/model/json.ts'
import { track } from '../../support/app.ts'
import { pluginFolder, probeAgent } from '../../support/pluginFolder.ts'
import { readerOf } from '../../support/readerOf.ts'
import { curious, filesOf, openPlugins, type Given } from './given.ts'

/** Writes what an order cost, after what is done first; `{total}` is at hand. */
const costing = (first = '', agent: JsonObject = {}): Given => ({
  agent: { reads: { traits: ['counted'], events: { Order: ['total'] } }, ...agent },
  code: `async ({ profile, causes, state }, ctx) => {
    let { total } = causes[0].properties
    ${first}
    return done({ writes: { counted: { value: total } } })
  }`,
})

/** Ten persons, of whom each ordered once for 10, 20 … 100. */
async function openOrders(given: Given = costing()) {
  const it = await openPlugins()
  await it.put(given)
  for (let n = 1; n <= 10; n += 1) await it.send(track(`u${n}`, 'Order', { total: n * 10 }))
  await it.idle()
  await it.meter.flush()
  return it
}

type Opened = Awaited<ReturnType<typeof openOrders>>

/** All that a rehearsal must leave as it is. */
async function stateOf({ sql, host, registry, workspaceId }: Opened) {
  const tables = ['change', 'agenda', 'activation', 'decision', 'event', 'profile', 'plugin']
  const more = ['plugin_version', 'plugin_health', 'plugin_approval', 'subscription']
  const kept = ['profile_state', 'plugin_state', 'state_migration', 'trait_definition']
  const rows = await Promise.all(
    [...tables, ...more, ...kept].map(
      (table) => sql`select * from ${sql(table)} as t order by t::text`,
    ),
  )
  const loaded = host.stats().plugins.map(({ key, items, failures }) => ({ key, items, failures }))
  const cells = host.stats().cells.map(({ cell, pid, restarts }) => ({ cell, pid, restarts }))
  return { rows: rows.map((row) => [...row]), loaded, cells, phases: registry.phases(workspaceId) }
}

const next = (given: Given): Given => ({ version: '2.0.0', ...given })

describe('a rehearsal', () => {
  test('of a version that answers the same finds no difference', async () => {
    await using it = await openOrders()
    expect(await it.rehearse(next(costing()))).toMatchObject({
      plugin: 'probe',
      version: '2.0.0',
      base: '1.0.0',
      reactions: 10,
      compared: 10,
      same: 10,
      changed: 0,
      examples: [],
    })
  })

  test('says what a version would have written otherwise, and for whom', async () => {
    await using it = await openOrders()
    const before = await stateOf(it)
    const rehearsal = await it.rehearse(
      next(costing('if (total > 70) return done({ writes: { counted: { value: total + 1 } } })')),
    )
    expect(await stateOf(it)).toEqual(before)
    expect(rehearsal).toMatchObject({ compared: 10, same: 7, changed: 3, onlyNewFailed: 0 })
    expect(rehearsal.agents).toMatchObject([
      {
        agent: 'probe',
        differences: [{ part: 'trait', key: 'counted', kind: 'changed', count: 3 }],
      },
    ])
    expect(rehearsal.examples).toHaveLength(3)
    const values = rehearsal.examples.flatMap(({ differences }) => differences)
    expect(values.map(({ old, next: is }) => `${old}>${is}`).toSorted()).toEqual([
      '100>101',
      '80>81',
      '90>91',
    ])
    const ids = await Promise.all(['u8', 'u9', 'u10'].map((user) => it.profileOf(user)))
    expect(rehearsal.examples.map(({ profileId }) => profileId).toSorted()).toEqual(ids.toSorted())
  })

  test('takes the last reactions, and no more than was asked for', async () => {
    await using it = await openOrders()
    await it.send(track('late', 'Order', { total: 1000 }))
    await it.idle()
    const rehearsal = await it.rehearse(next(costing('if (total > 70) throw new Error()')), {
      last: 1,
    })
    expect(rehearsal).toMatchObject({ compared: 1, onlyNewFailed: 1 })
    expect(rehearsal.examples[0]?.profileId).toBe(await it.profileOf('late'))
    await expect(it.rehearse(next(costing()), { last: 2001 })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('input.last'),
    })
  })

  test('says for whom a version fails where the other did not, in words without their values', async () => {
    await using it = await openOrders()
    const before = await stateOf(it)
    const rehearsal = await it.rehearse(
      next(costing(`if (total === 100) throw new Error('no plan for ' + total)`)),
    )
    expect(await stateOf(it)).toEqual(before)
    expect(rehearsal).toMatchObject({
      same: 9,
      onlyNewFailed: 1,
      examples: [
        {
          verdict: 'only_new_failed',
          failures: { old: null, next: expect.stringContaining('no plan for [masked]') },
          differences: [],
        },
      ],
    })
  })

  test('says where a version works that failed before, and what fails in both alike', async () => {
    const failing = 'if (total === 10 || total === 20) throw new Error()'
    await using it = await openOrders(costing(failing))
    const rehearsal = await it.rehearse(next(costing('if (total === 20) throw new Error()')))
    expect(rehearsal).toMatchObject({ same: 9, bothFailed: 1, onlyOldFailed: 1, onlyNewFailed: 0 })
  })

  test('of a version that hangs ends early, holds up no reaction and counts against nobody', async () => {
    await using it = await openOrders()
    for (let n = 0; n < 100; n += 1) await it.send(track(`more${n}`, 'Order', { total: 5 }))
    await it.idle()
    await it.meter.flush()
    const before = await stateOf(it)
    let isOver = false
    const rehearsing = it.rehearse(next(costing('for (;;);'))).finally(() => {
      isOver = true
    })
    await it.send(track('meanwhile', 'Order', { total: 7 }))
    await it.idle()
    const [row] =
      await it.sql`select traits from profile where id = ${await it.profileOf('meanwhile')}`
    expect(row?.['traits']).toEqual({ counted: 7 })
    expect(isOver).toBe(false)
    const { compared, reactions, same, agents, examples } = await rehearsing
    expect(reactions).toBeGreaterThanOrEqual(110)
    expect(compared).toBeLessThan(20)
    expect(same).toBe(0)
    expect(agents).toMatchObject([{ isCut: true, onlyNewFailed: compared }])
    expect(examples[0]?.failures.next).toContain('did not finish within 100 ms')
    await it.meter.flush()
    const after = await stateOf(it)
    expect(after.loaded.map(({ key, failures }) => [key, failures])).toEqual(
      before.loaded.map(({ key }) => [key, 0]),
    )
    expect(after.cells).toEqual(before.cells)
    const [health] = await it.sql`select failures, strikes from plugin_health`
    expect(health).toMatchObject({ strikes: [] })
  })

  test('of a version that eats memory leaves the version in service as it was', async () => {
    await using it = await openOrders()
    const before = await stateOf(it)
    const rehearsal = await it.rehearse(
      next(
        costing('const kept = []; if (total === 100) for (;;) kept.push(new Array(1e5).fill(1.5))'),
      ),
    )
    expect(await stateOf(it)).toEqual(before)
    expect(rehearsal).toMatchObject({ onlyNewFailed: 1, changed: 0 })
  })

  test('denies what the agents ask for outside, to both, and sends nothing', async () => {
    const asking = `try { await ctx.fetch('https://api.example.com/') } catch (thrown) {
      return done({ writes: { counted: { value: thrown.code === 'rehearsal' ? 1 : 2 } } }) }`
    const network = [
      { host: 'api.example.com', methods: ['GET'], purpose: 'service', reason: 'asks for rates' },
    ]
    await using it = await openOrders()
    const before = await stateOf(it)
    const given = next({ ...costing(asking), overrides: { network } })
    const rehearsal = await it.rehearse(given)
    expect(await stateOf(it)).toEqual(before)
    expect(rehearsal).toMatchObject({ denied: 10, changed: 10 })
    expect(rehearsal.examples[0]?.differences[0]?.next).toBe('1')
    const sent = await it.sql`select action from audit_inbox where action like 'egress.%'`
    expect(sent).toEqual([])
  })

  test('tells of agents that are new and of those that are gone', async () => {
    await using it = await openOrders()
    const agents = [
      probeAgent({
        id: 'other',
        triggers: { events: ['Order'] },
        purpose: 'service',
        reads: { events: { Order: ['total'] } },
        writes: ['counted'],
      }),
    ]
    await using folder = await pluginFolder({
      ...filesOf(next({ overrides: { agents } })),
      'plugin.ts': `
        import { definePlugin, done } from 'slateboard/plugin'
        const other = ({ causes }) => causes[0].properties.total > 50
          ? done({ writes: { counted: { value: -1 } } }) : done()
        export default definePlugin({ agents: { other } })`,
    })
    const rehearsal = await it.actions.rehearsePlugin(it.admin, {}, { path: folder.path })
    expect(rehearsal).toMatchObject({ gone: ['probe'] })
    expect(rehearsal.agents).toMatchObject([
      { agent: 'other', isNew: true, compared: 10, same: 5, changed: 5 },
    ])
  })

  test('replays a first version, which nothing is in service beside', async () => {
    await using it = await openPlugins({ works: false })
    await it.send(track('ada', 'Order', { total: 3 }))
    expect(await it.rehearse(costing())).toMatchObject({
      base: null,
      changed: 1,
      agents: [{ isNew: true, differences: [{ key: 'counted', kind: 'added', count: 1 }] }],
    })
    expect(it.host.stats().plugins).toEqual([])
    expect(await it.plugin()).toBeUndefined()
  })

  test('holds state against state, brought to the version that each knows', async () => {
    const state = (version: number, keys: string[]) => ({
      overrides: { state: { version, profile: keys, plugin: [] } },
    })
    const remember = (key: string, by: number) =>
      `return done({ state: { profile: { ${key}: (state.profile.${key} ?? 0) + ${by} } } })`
    await using it = await openOrders({ ...costing(remember('seen', 1)), ...state(1, ['seen']) })
    const before = await stateOf(it)
    const same = await it.rehearse(next({ ...costing(remember('seen', 1)), ...state(1, ['seen']) }))
    expect(same).toMatchObject({ same: 10 })
    const given = next({ ...costing(remember('met', 1)), ...state(2, ['met']) })
    await using folder = await pluginFolder(filesOf(given))
    await using migrating = await pluginFolder({
      ...filesOf(given),
      'plugin.ts': filesOf(given)['plugin.ts'].replace(
        'definePlugin({',
        'definePlugin({ migrate: ({ seen }) => ({ met: seen * 10 }),',
      ),
    })
    await expect(
      it.actions.rehearsePlugin(it.admin, {}, { path: folder.path }),
    ).rejects.toMatchObject({ code: 'plugin_load_failed' })
    const moved = await it.actions.rehearsePlugin(it.admin, {}, { path: migrating.path })
    expect(moved.agents[0]?.differences).toEqual([
      { part: 'profile_state', key: 'met', kind: 'added', count: 10 },
      { part: 'profile_state', key: 'seen', kind: 'removed', count: 10 },
    ])
    expect(moved.examples[0]?.differences[0]).toMatchObject({ next: null, isShown: false })
    expect(await stateOf(it)).toEqual(before)
  })

  test('refuses a version that does not pass its own test, and unloads it', async () => {
    await using it = await openOrders()
    const before = await stateOf(it)
    await expect(
      it.rehearse(next({ ...costing(), selfTest: `() => ['no rates']` })),
    ).rejects.toMatchObject({ code: 'plugin_self_test_failed' })
    expect(await stateOf(it)).toEqual(before)
  })
})

describe('what is told of a rehearsal', () => {
  const raised = next(costing('return done({ writes: { counted: { value: total + 1 } } })'))

  test('are keys alone where the reader may not see the trait (refused), and values where they may', async () => {
    await using it = await openOrders()
    const stranger = await readerOf(it, 'admin', ['marketing.promotion'])
    const { changed, examples } = await it.rehearse(raised, { reader: stranger })
    expect(changed).toBe(10)
    const told = examples.flatMap(({ differences }) => differences)
    expect(told).toHaveLength(10)
    for (const one of told) {
      expect(one).toMatchObject({ key: 'counted', old: null, next: null, isShown: false })
    }
    const seen = (await it.rehearse(raised)).examples
    expect(seen.every(({ differences }) => differences.every(({ isShown }) => isShown))).toBe(true)
  })

  test('does not tell by a trait that may be seen of what the new version reads and the reader may not see', async () => {
    const traits = [{ key: 'counted', class: 'none', purposes: ['service', 'analytics'] }]
    await using it = await openOrders({ ...costing(), overrides: { traits } })
    await it.put({
      id: 'other',
      overrides: { traits: [{ key: 'secretive', class: 'none', purposes: ['service'] }] },
      agent: { reads: {}, writes: ['secretive'] },
      code: `() => done({ writes: { secretive: { value: 4711 } } })`,
    })
    await it.send(track('u1', 'Order', { total: 10 }))
    await it.idle()
    const reads = { traits: ['counted', 'secretive'], events: { Order: ['total'] } }
    const telling = `return done({ writes: { counted: { value: profile.traits.secretive?.value ?? 1 } } })`
    const sly = next({ ...costing(telling, { reads }), overrides: { traits } })
    const reader = await readerOf(it, 'admin', ['analytics'])
    const open = await it.rehearse(next({ ...costing('total = 4711'), overrides: { traits } }), {
      reader,
    })
    expect(JSON.stringify(open.examples)).toContain('4711')
    const { changed, examples } = await it.rehearse(sly, { reader })
    expect(changed).toBe(11)
    expect(JSON.stringify(examples)).not.toContain('4711')
    // Nor by what it says when it fails.
    const crying = `throw new Error([...String(profile.traits.secretive?.value)].join('-'))`
    const cry = next({ ...costing(crying, { reads }), overrides: { traits } })
    const failed = await it.rehearse(cry, { reader })
    expect(failed.examples[0]?.failures.next).toBe('plugin_threw')
    expect((await it.rehearse(cry)).examples[0]?.failures.next).toContain('4-7-1-1')
    // Who may see both is told.
    expect(JSON.stringify((await it.rehearse(sly)).examples)).toContain('4711')
  })

  test('in the audit log are counts, and nobody', async () => {
    await using it = await openOrders()
    await it.rehearse(raised)
    const rows = await it.sql<{ action: string; payload: string }[]>`
      select action, payload::text from audit_inbox where action = 'plugin.rehearse'
      union all select action, payload from audit_entry where action = 'plugin.rehearse'`
    expect(rows).toHaveLength(1)
    expect(JSON.parse(rows[0]?.payload ?? '')).toMatchObject({
      version: '2.0.0',
      changed: 10,
      examples: 10,
    })
    expect(JSON.stringify(rows)).not.toContain(await it.profileOf('u1'))
  })
})

describe('a version that waits', () => {
  test('is rehearsed by who may approve it, and not by others', async () => {
    await using it = await openOrders()
    await expect(
      it.actions.rehearsePlugin(it.admin, { plugin: 'probe' }, null),
    ).rejects.toMatchObject({ code: 'plugin_nothing_waits' })
    const network = [
      { host: 'api.example.com', methods: ['GET'], purpose: 'service', reason: 'asks for rates' },
    ]
    const { inspection } = await it.put(next({ ...costing(), overrides: { network } }))
    expect(inspection?.reasons).toHaveLength(1)
    const before = await stateOf(it)
    const digest = inspection?.pkg.digest
    expect(
      await it.actions.rehearsePlugin(it.admin, { plugin: 'probe', digest }, null),
    ).toMatchObject({ version: '2.0.0', same: 10 })
    expect(await stateOf(it)).toEqual(before)
    for (const role of ['operator', 'auditor', 'app'] as const) {
      const reader = await readerOf(it, role)
      await expect(
        it.actions.rehearsePlugin(reader, { plugin: 'probe' }, null),
      ).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  test('and is trusted too little for what it uses takes an administrator (refused to an officer)', async () => {
    await using it = await openOrders()
    await it.put(next({ agent: curious }))
    await expect(
      it.actions.rehearsePlugin(it.officer, { plugin: 'probe' }, null),
    ).rejects.toMatchObject({ code: 'plugin_trust_low' })
    expect(await it.actions.rehearsePlugin(it.admin, { plugin: 'probe' }, null)).toMatchObject({
      compared: 10,
    })
  })

  test('is one thing and a package another: both at once are refused, and so is a package to an officer', async () => {
    await using it = await openOrders()
    await using folder = await pluginFolder(filesOf(next(costing())))
    const origin = { path: folder.path }
    await expect(
      it.actions.rehearsePlugin(it.admin, { plugin: 'probe' }, origin),
    ).rejects.toMatchObject({ code: 'bad_input' })
    await expect(it.actions.rehearsePlugin(it.officer, {}, origin)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
