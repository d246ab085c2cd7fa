import { describe, expect, test } from 'vitest'
import { SlateboardError } from '../../../core/errors.ts'
import { startFlow } from '../../../core/flow/flow.ts'
import type { PluginHost } from '../../../core/host/host.ts'
import type { Registry } from '../../../core/host/registry.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { configurePlugin } from '../../../core/plugin/configure.ts'
import { setTrust } from '../../../core/plugin/publisher.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { track } from '../../support/app.ts'
import { curious, openPlugins, type Given } from './given.ts'

type World = Awaited<ReturnType<typeof openPlugins>>

const named = { plugin: 'probe' }
const says = (word: string): string => `() => done({ writes: { said: { value: '${word}' } } })`
const said = { key: 'said', class: 'none', purposes: ['service'] }
const rollback = (it: World, input: object = named) => it.actions.rollbackPlugin(it.admin, input)

async function wordOf(it: World, user: string): Promise<unknown> {
  const [row] = await it.sql<{ traits: JsonObject }[]>`
    select traits from profile where id = ${await it.profileOf(user)}`
  return row?.traits['said']
}

const first: Given = {
  code: says('one'),
  agent: { writes: ['said'] },
  overrides: { traits: [said] },
}
/** Is woken by something else, and brings a trait more. */
const second: Given = {
  version: '2.0.0',
  code: says('two'),
  agent: { triggers: { events: ['Visit'] }, writes: ['said', 'more'] },
  overrides: { traits: [said, { ...said, key: 'more' }] },
}

describe('a step back', () => {
  test('brings back code, traits and what wakes it; another one returns to the version left', async () => {
    await using it = await openPlugins()
    await it.put(first)
    await it.put(second)
    await it.actions.approvePlugin(it.admin, named)
    const [one, two] = await it.sql<{ digest: string }[]>`
      select digest from plugin_version order by version`
    await it.send(track('ada', 'Order'), track('ada', 'Visit'))
    await it.idle()
    expect(await wordOf(it, 'ada')).toBe('two')

    await rollback(it, { ...named, comment: 'too loud' })
    expect(await it.plugin()).toMatchObject({
      state: 'active',
      current: { version: '1.0.0', approvedBy: 'principal:admin' },
      previous: { version: '2.0.0' },
      rollout: { version: '2.0.0', state: 'rolled_back', reason: 'too loud' },
    })
    await it.send(track('bob', 'Order'), track('ada', 'Visit'))
    await it.idle()
    expect([await wordOf(it, 'ada'), await wordOf(it, 'bob')]).toEqual(['two', 'one'])
    const definitions = await it.sql`select key, owner from trait_definition
      where key in ('said', 'more') order by key`
    expect(definitions).toEqual([
      { key: 'more', owner: 'probe/probe' },
      { key: 'said', owner: 'probe/probe' },
    ])

    await rollback(it)
    expect(await it.plugin()).toMatchObject({
      current: { version: '2.0.0' },
      previous: { version: '1.0.0' },
    })
    await it.send(track('bob', 'Visit'))
    await it.idle()
    expect(await wordOf(it, 'bob')).toBe('two')
    expect(it.host.stats().plugins).toHaveLength(1)
    const approvals = await it.sql`
      select verdict, digest, base_digest, decided_by from plugin_approval order by id`
    const by = { decided_by: 'principal:admin' }
    expect(approvals).toEqual([
      { ...by, verdict: 'automatic', digest: one?.digest, base_digest: null },
      { ...by, verdict: 'approved', digest: two?.digest, base_digest: one?.digest },
      { ...by, verdict: 'rolled_back', digest: one?.digest, base_digest: two?.digest },
      { ...by, verdict: 'rolled_back', digest: two?.digest, base_digest: one?.digest },
    ])
    expect(await it.audited()).toEqual([
      'plugin.install',
      'plugin.request',
      'plugin.approve',
      'plugin.rollback',
      'plugin.rollback',
    ])
  })

  test('has what is remembered by a newer version wait for it, and lose nothing', async () => {
    await using it = await openPlugins()
    const seen = (key: string) => `({ state, causes }) => {
      const next = (state.profile.${key} ?? 0) + causes.length
      return done({ writes: { counted: { value: next } }, state: { profile: { ${key}: next } } }) }`
    await it.put({
      code: seen('seen'),
      overrides: { state: { version: 1, profile: ['seen'] } },
    })
    await it.send(track('ada', 'Order'))
    await it.idle()
    await it.put({
      version: '2.0.0',
      code: `${seen('met')} }, migrate(old) { return { met: old.seen }`,
      overrides: { state: { version: 2, profile: ['met'] } },
    })
    await it.send(track('ada', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(2)
    await rollback(it)
    await it.send(track('ada', 'Order'), track('bob', 'Order'))
    await it.idle()
    expect(await it.total()).toBe(3)
    expect(await it.plugin()).toMatchObject({ current: { version: '1.0.0' }, waiting: 1 })
    await rollback(it)
    await it.idle()
    expect(await it.total()).toBe(4)
    expect(await it.plugin()).toMatchObject({ waiting: 0 })
  })

  test('has what the version failed at run again, what it gave up as well', async () => {
    await using it = await openPlugins()
    await it.put()
    await it.put({
      version: '2.0.0',
      code: `() => { throw new Error('no') }`,
      agent: { onFailure: 'skip' },
    })
    await it.send(track('ada', 'Order'), track('bob', 'Order'))
    await it.idle()
    const dead = await it.sql`select parked from agenda`
    expect(dead).toEqual([{ parked: 'dead' }, { parked: 'dead' }])
    await rollback(it)
    await it.idle()
    expect(await it.total()).toBe(2)
    expect(await it.sql`select from agenda`).toEqual([])
  })

  test('has a reaction that waited for newer state go on at once, although the older version met it meanwhile', async () => {
    await using it = await openPlugins({ works: false })
    const state = (version: number) => ({ overrides: { state: { version, profile: ['seen'] } } })
    const code = `({ causes }) => done({ writes: { counted: { value: causes.length } } })`
    await it.put({ code, ...state(1) })
    await it.put({ version: '2.0.0', code: `${code} }, migrate(old) { return old`, ...state(2) })
    await it.send(track('ada', 'Order'))
    await it.sql`insert into profile_state
      (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
      values (${it.workspaceId}, ${await it.profileOf('ada')}, 'probe', 2, 1, '{}', 2, now())`
    await rollback(it)
    // As on a node that has not heard of the version that is in service by then.
    const former = it.registry.find(it.workspaceId, 'probe/probe')
    let hasRun = false
    const registry: Registry = {
      install: (...args) => it.registry.install(...args),
      remove: (...args) => it.registry.remove(...args),
      refresh: () => it.registry.refresh(),
      phases: (workspaceId) => it.registry.phases(workspaceId),
      all: () => it.registry.all(),
      performers: () => it.registry.performers(),
      find(...args) {
        const found = hasRun ? it.registry.find(...args) : former
        hasRun = true
        return found
      },
    }
    await rollback(it)
    await using flow = startFlow({ ...it, registry })
    await flow.idle()
    expect(hasRun).toBe(true)
    expect(await it.total()).toBe(1)
  })

  test.each(['whole', 'canary'])(
    'has what was under way and fails after it run again, of a version that ran on %s',
    async (kind) => {
      await using it = await openPlugins({ works: false })
      await it.put()
      const given = { code: `() => { throw new Error('no') }`, agent: { onFailure: 'skip' } }
      const input = kind === 'canary' ? { canary: 99 } : {}
      await it.put({ version: '2.0.0', ...given }, it.admin, input)
      const failed = Promise.withResolvers<void>()
      const mayCommit = Promise.withResolvers<void>()
      const host: PluginHost = {
        load: (...args) => it.host.load(...args),
        admit: (...args) => it.host.admit(...args),
        unload: (...args) => it.host.unload(...args),
        selfTest: (...args) => it.host.selfTest(...args),
        migrate: (...args) => it.host.migrate(...args),
        perform: (...args) => it.host.perform(...args),
        stats: () => it.host.stats(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
        async react(...args) {
          const outcomes = await it.host.react(...args)
          if (outcomes.every(({ ok }) => ok)) return outcomes
          failed.resolve()
          await mayCommit.promise
          return outcomes
        },
      }
      await using flow = startFlow({ ...it, host })
      await it.send(...Array.from({ length: 10 }, (_, n) => track(`u${n}`, 'Order')))
      await failed.promise
      await rollback(it)
      mayCommit.resolve()
      while ((await it.sql`select from agenda where parked is null`).length > 0) await flow.idle()
      expect(await it.total()).toBe(10)
      expect(await it.sql`select from agenda`).toEqual([])
    },
  )

  test('of a paused plugin does not wake it, of a quarantined one does', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    await it.put({ version: '2.0.0' })
    await it.actions.pausePlugin(it.admin, named)
    await rollback(it)
    expect(await it.plugin()).toMatchObject({ state: 'paused', current: { version: '1.0.0' } })
    await it.sql`update plugin set state = 'quarantined'`
    await rollback(it)
    expect(await it.plugin()).toMatchObject({ state: 'active', current: { version: '2.0.0' } })
  })

  test('needs nobody who agrees again to what was agreed to, and is on record with what it gains', async () => {
    await using it = await openPlugins({ works: false })
    await setTrust(it.admin, { capability: 'pii', level: 'local' })
    await it.put({ agent: curious })
    await it.actions.approvePlugin(it.officer, named)
    await it.put({ version: '2.0.0' })
    await rollback(it)
    const [last] = await it.sql`
      select verdict, gained, touches_pii from plugin_approval order by id desc limit 1`
    expect(last).toMatchObject({ verdict: 'rolled_back', touches_pii: true })
    expect(last?.['gained']).toContain('agent probe reads pii email service')
    expect(await it.plugin()).toMatchObject({ current: { approvedBy: 'principal:officer' } })
  })
})

describe('a step back is refused, and the version in service goes on,', () => {
  /** The code of the refusal; nothing else may have come of it. */
  async function refusal(it: World): Promise<unknown> {
    const before = [await it.plugin(), it.registry.all()]
    const thrown = await rollback(it).catch((error: unknown) => error)
    expect([await it.plugin(), it.registry.all()]).toEqual(before)
    expect(await it.audited()).not.toContain('plugin.rollback')
    return thrown instanceof SlateboardError ? thrown.code : thrown
  }

  test('where there was no version before', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    expect(await refusal(it)).toBe('plugin_no_previous')
  })

  test('where no version is in service', async () => {
    await using it = await openPlugins({ works: false })
    expect(await refusal(it)).toBe('plugin_not_found')
    await it.put()
    await it.put({ version: '2.0.0' })
    await it.actions.removePlugin(it.admin, named)
    expect(await refusal(it)).toBe('plugin_state_refused')
  })

  test('for who may not install', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    await it.put({ version: '2.0.0' })
    for (const act of ['rollbackPlugin', 'promotePlugin'] as const) {
      await expect(it.actions[act](it.officer, named)).rejects.toMatchObject({ code: 'forbidden' })
    }
    const share = { ...named, share: 10 }
    await expect(it.actions.setPluginShare(it.officer, share)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  /** As if the product had become another one, or somebody had been at the database. */
  async function alter(it: World, change: 'engine' | 'bytes'): Promise<void> {
    await it.sql`alter table plugin_version disable trigger plugin_version_never_changes`
    await (change === 'bytes'
      ? it.sql`update plugin_version set bundle = bundle || ' ' where version = '1.0.0'`
      : it.sql`update plugin_version set content_addressed = false,
          manifest = jsonb_set(manifest, '{engines,slateboard}', '"^2.0.0"') where version = '1.0.0'`)
    await it.sql`alter table plugin_version enable trigger plugin_version_never_changes`
  }

  test('to what was not made for this version of the product', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    await it.put({ version: '2.0.0' })
    await alter(it, 'engine')
    expect(await refusal(it)).toBe('plugin_incompatible')
  })

  test('to bytes that somebody exchanged', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    await it.put({ version: '2.0.0' })
    await alter(it, 'bytes')
    expect(await refusal(it)).toBe('plugin_digest_mismatch')
  })

  test('to what the workspace would trust too little today', async () => {
    await using it = await openPlugins({ works: false })
    await setTrust(it.admin, { capability: 'pii', level: 'local' })
    await it.put({ agent: curious })
    await it.actions.approvePlugin(it.officer, named)
    await it.put({ version: '2.0.0' })
    await setTrust(it.admin, { capability: 'pii', level: 'community' })
    expect(await refusal(it)).toBe('plugin_trust_low')
  })

  test('to what would write a trait that became an officer’s', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    await it.put(second)
    await it.actions.approvePlugin(it.admin, named)
    await it.sql`update trait_definition set owner = null where key = 'counted'`
    expect(await refusal(it)).toBe('trait_owned')
  })

  test('to what cannot run with the config that is set', async () => {
    await using it = await openPlugins({ works: false })
    const taking = (maximum: number) => ({
      config: { schema: { type: 'object', properties: { most: { type: 'integer', maximum } } } },
    })
    await it.put({ overrides: taking(10) })
    await configurePlugin(it.admin, { ...named, values: { most: 5 } })
    await it.put({ version: '2.0.0', overrides: taking(100) })
    await configurePlugin(it.admin, { ...named, values: { most: 50 } })
    expect(await refusal(it)).toBe('plugin_config_refused')
  })

  test('to what reads a trait that may not serve its purpose any more', async () => {
    await using it = await openPlugins({ works: false })
    await it.put({ agent: { reads: { traits: ['plan'] } } })
    await it.put({ version: '2.0.0', agent: { reads: { traits: [] } } })
    await defineTrait(it.officer, {
      key: 'plan',
      dataClass: 'none',
      purposes: ['analytics'],
      reason: 'only for that',
    })
    expect(await refusal(it)).toBe('purpose_not_inherited')
  })
})
