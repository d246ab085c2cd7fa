import { describe, expect, test, vi } from 'vitest'
import type { JsonObject } from '../../../../core/model/json.ts'
import { startFlow } from '../../../../core/flow/flow.ts'
import { recordConsent } from '../../../../core/flow/recordConsent.ts'
import { shippedPolicy } from '../../../../policies/shipped.ts'
import { parsePolicy } from '../../../../policies/document.ts'
import { activatePolicy } from '../../../support/activatePolicy.ts'
import {
  identify,
  openTestApp,
  testClock,
  track,
  alias,
  type TestApp,
} from '../../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent } from '../../../support/pluginFolder.ts'
import { probePackage } from '../../../support/probeHost.ts'
import { readPackage } from '../../../../core/host/package.ts'

const once = { batchItemsMax: 50, pollMs: 50, sweepMs: 50 }

/** Installs a plugin of one agent `probe/probe` that owns the trait `probe`. */
async function install(app: TestApp, handler: string, agent: JsonObject = {}): Promise<void> {
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const declared = { triggers: { events: ['Order'] }, purpose: 'service', ...agent }
  const pkg = await probePackage(handler, declared, 'probe', traits)
  await app.registry.install(app.workspaceId, pkg, 'test')
}

async function traitsOf(app: TestApp, user: string): Promise<JsonObject> {
  const id = await app.profileOf(user)
  const [row] = await app.sql<{ traits: JsonObject }[]>`select traits from profile where id = ${id}`
  return row?.traits ?? {}
}

interface Pending {
  agent: string
  causes: string[]
  attempts: number
  parked: string | null
  last_error: string | null
  due_at: Date | null
  lease_owner: string | null
  hop: number
}

const agenda = (app: TestApp) => app.sql<Pending[]>`
  select agent, causes, attempts, parked, last_error, due_at, lease_owner, hop from agenda order by agent`

/** Waits until a question about the database is answered by yes. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await new Promise(setImmediate)
}

describe('a chain of agents', () => {
  test('reacts to an event, and the next agent to what the first one wrote', async () => {
    await using app = await openTestApp()
    await app.install('count')
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await traitsOf(app, 'ada')).toEqual({ orders_seen: 1, orders_followed: 1 })
    const changes = await app.sql`
      select author_id, key, hop from change where kind = 'trait' order by id`
    expect(changes.map((row) => ({ ...row }))).toEqual([
      { author_id: 'count/tally', key: 'orders_seen', hop: 0 },
      { author_id: 'count/follow', key: 'orders_followed', hop: 1 },
    ])
  })

  test('is not woken by an event that nobody subscribed to (refused)', async () => {
    await using app = await openTestApp()
    await app.install('count')
    await app.send(track('ada', 'Visit'))
    expect(await agenda(app)).toEqual([])
  })

  test('hands all causes that came together to one call', async () => {
    await using app = await openTestApp({ works: false })
    await app.registry.refresh()
    await install(app, '({ causes }) => write(causes.map(({ properties }) => properties.n))', {
      reads: { traits: [], events: { Order: ['n'] } },
    })
    await app.send(track('ada', 'Order', { n: 1 }), track('ada', 'Order', { n: 2 }))
    await app.send(track('ada', 'Order', { n: 3 }))
    expect(await agenda(app)).toHaveLength(1)
    await using flow = startFlow(app)
    await flow.idle()
    expect(await traitsOf(app, 'ada')).toEqual({ probe: [1, 2, 3] })
  })

  test.each([
    { visits: 'as often as is usual', more: {}, hop: 8, wrote: 7 },
    { visits: 'as long as any chain may be', more: { visitsMax: 16 }, hop: 17, wrote: 17 },
  ])('is parked as a loop when agents wake each other without end, $visits', async (given) => {
    await using app = await openTestApp()
    const agentOf = (id: string, reads: string, writes: string) =>
      probeAgent({
        id,
        purpose: 'service',
        writes: [writes],
        reads: { traits: [reads, writes] },
        triggers: { events: id === 'ping' ? ['Order'] : [], traits: [reads] },
        ...given.more,
      })
    const bump = (from: string, to: string) =>
      `({ profile: { traits: t } }) => done({ writes: { ${to}: { value: (t.${from}?.value ?? 0) + 1 } } })`
    await using folder = await pluginFolder({
      'plugin.json': pluginManifest({
        traits: ['one', 'two'].map((key) => ({ key, class: 'none', purposes: ['service'] })),
        agents: [agentOf('ping', 'two', 'one'), agentOf('pong', 'one', 'two')],
      }),
      'plugin.ts': `import { definePlugin, done } from 'slateboard/plugin'
        export default definePlugin({ agents: { ping: ${bump('two', 'one')}, pong: ${bump('one', 'two')} } })`,
    })
    await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
    await app.send(track('ada', 'Order'))
    await app.idle()
    const [parked, ...others] = await agenda(app)
    expect(others).toEqual([])
    expect(parked).toMatchObject({ parked: 'loop', hop: given.hop, lease_owner: null })
    const { one } = await traitsOf(app, 'ada')
    expect(one).toBe(given.wrote)
    const trail = Array.from({ length: given.hop }, (_, n) => `probe/${n % 2 ? 'pong' : 'ping'}`)
    const [row] = await app.sql`select trail from agenda`
    expect(row?.['trail']).toBe(trail.join(' '))
  })

  test('sleeps when an agent writes what stands already', async () => {
    await using app = await openTestApp()
    await install(app, '() => write("same")')
    await app.send(track('ada', 'Order'))
    await app.idle()
    const before = await app.sql`select count(*)::int as n from change`
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await app.sql`select count(*)::int as n from change`).toEqual(before)
    expect(await agenda(app)).toEqual([])
  })
})

describe('a reaction that is overtaken', () => {
  test('does not lose an event that arrives while it runs', async () => {
    await using app = await openTestApp({ worker: once })
    await app.install('count')
    for (let n = 0; n < 40; n += 1) await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await traitsOf(app, 'ada')).toEqual({ orders_seen: 40, orders_followed: 40 })
  })

  test('runs again when a trait it read has changed by the time it commits', async () => {
    await using app = await openTestApp({ worker: once })
    await install(app, `({ profile }) => write(profile.traits.mode.value)`, {
      reads: { traits: ['mode'] },
    })
    // What it is handed has been read by then.
    const react = app.host.react.bind(app.host)
    vi.spyOn(app.host, 'react').mockImplementationOnce(async (...handed) => {
      await app.send(identify('ada', { mode: 'm1' }))
      return react(...handed)
    })
    await app.send(identify('ada', { mode: 'm0' }), track('ada', 'Order'))
    await app.idle()
    expect(await traitsOf(app, 'ada')).toEqual({ mode: 'm1', probe: 'm1' })
    expect(app.flow?.worker.counts.stale).toBe(1)
  })

  test('commits nothing when its lease was lost', async () => {
    await using app = await openTestApp({ worker: { ...once, sweepMs: 60_000 } })
    const slow = 'for (const end = Date.now() + 100; Date.now() < end;);'
    await install(app, `({ causes }) => { ${slow} return write(causes.length) }`, {
      timeoutMs: 1000,
    })
    await app.send(track('ada', 'Order'))
    await until(async () => (await agenda(app)).some(({ lease_owner }) => lease_owner !== null))
    await app.sql`update agenda set lease_owner = 'other', lease_epoch = lease_epoch + 1`
    await until(async () => app.flow?.worker.counts.lost === 1)
    expect(await traitsOf(app, 'ada')).toEqual({})
    expect(await agenda(app)).toMatchObject([{ lease_owner: 'other' }])
  })

  test('follows its profile when that lost a merge', async () => {
    await using app = await openTestApp({ works: false })
    await app.install('count')
    await app.send(track('ada', 'Order'), track('ada2', 'Order'))
    await app.send(alias('ada', 'ada2'))
    expect((await agenda(app)).map(({ agent, causes }) => [agent, causes.length])).toEqual([
      ['count/tally', 2],
    ])
    await app.registry.refresh()
    await using flow = startFlow(app)
    await flow.idle()
    expect(await traitsOf(app, 'ada')).toMatchObject({ orders_seen: 2 })
  })
})

describe('a plugin that fails', () => {
  const codes: [string, string, string, JsonObject][] = [
    ['throws', '() => { throw new TypeError("no") }', 'plugin_threw', {}],
    ['answers nonsense', '() => 42', 'plugin_result_invalid', {}],
    ['hangs', '() => { for (;;); }', 'plugin_timeout', { timeoutMs: 20 }],
    [
      'writes an undeclared trait',
      '() => done({ writes: { other: { value: 1 } } })',
      'effect_not_declared',
      {},
    ],
    ['writes what Postgres cannot store', '() => write("\\u0000")', 'plugin_result_invalid', {}],
    ['writes half a character', '() => write("\\ud800")', 'plugin_result_invalid', {}],
  ]
  test.each(codes)(
    'that %s is tried again later and parked as dead in the end',
    async (_, code, error, agent) => {
      // A slow machine must not have it tried again before it is looked at.
      const clock = testClock()
      await using app = await openTestApp({ worker: once, clock })
      await install(app, code, agent)
      await app.send(track('ada', 'Order'))
      await app.idle()
      const [first] = await agenda(app)
      expect(first).toMatchObject({
        attempts: 1,
        parked: null,
        last_error: error,
        lease_owner: null,
      })
      expect(first?.due_at?.getTime()).toBeGreaterThan(clock.now().getTime())
      await until(async () => {
        await app.sql`update agenda set due_at = now() - interval '1 minute' where due_at is not null`
        return (await agenda(app)).some(({ parked }) => parked === 'dead')
      })
      expect(await agenda(app)).toMatchObject([
        { attempts: 6, last_error: error, causes: [expect.any(String)] },
      ])
      expect(await traitsOf(app, 'ada')).toEqual({})
      // One that hangs for everybody, as far as anybody knows, is quarantined by now: what wakes it would wait.
      await app.meter.flush()
      await app.sql`update plugin set state = 'active', reason = null where state = 'quarantined'`
      await app.registry.refresh()
      await app.send(track('ada', 'Order'))
      await app.idle()
      expect(await agenda(app)).toMatchObject([
        { attempts: 1, parked: null, causes: { length: 2 } },
      ])
    },
  )

  test('leaves the other customers of its batch alone', async () => {
    await using app = await openTestApp({ works: false, clock: testClock() })
    await install(
      app,
      '({ profile }) => write(profile.traits.mode.value === "bad" ? "\\u0000" : "fine")',
      {
        reads: { traits: ['mode'] },
      },
    )
    const users = Array.from({ length: 20 }, (_, n) => `u${n}`)
    await app.send(
      ...users.flatMap((user, n) => [
        identify(user, { mode: n === 7 ? 'bad' : 'good' }),
        track(user, 'Order'),
      ]),
    )
    await app.registry.refresh()
    await using flow = startFlow(app)
    await flow.idle()
    const written = await app.sql`select 1 from profile where traits ->> 'probe' = 'fine'`
    expect(written).toHaveLength(19)
    expect(await agenda(app)).toMatchObject([{ last_error: 'plugin_result_invalid', attempts: 1 }])
  })

  test('is parked at once when its manifest says halt', async () => {
    await using app = await openTestApp()
    await install(app, '() => { throw 1 }', { onFailure: 'halt' })
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await agenda(app)).toMatchObject([{ parked: 'halted', last_error: 'plugin_threw' }])
  })

  test('that snoozes is asked again at its time, or earlier by a new event', async () => {
    await using app = await openTestApp({ worker: once })
    await install(
      app,
      '({ causes }) => causes.length > 1 ? write(causes.length) : snooze(3_600_000)',
    )
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await agenda(app)).toMatchObject([{ attempts: 0, parked: null, last_error: null }])
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await traitsOf(app, 'ada')).toEqual({ probe: 2 })
  })
})

describe('what an agent may see and write', () => {
  const seen = '({ profile }) => write(Object.keys(profile.traits).toSorted().join())'
  const reads = { reads: { traits: ['mode', 'plan'] } }

  test('is what it declared, and nothing for a purpose the person withdrew', async () => {
    await using app = await openTestApp({ works: false })
    await install(app, seen, reads)
    await app.send(identify('ada', { mode: 1, plan: 'pro', other: 1 }), track('ada', 'Order'))
    await app.send(identify('bob', { mode: 1, plan: 'pro' }), track('bob', 'Order'))
    await recordConsent(app.board, app.intake, app.workspaceId, 'principal:p', {
      subject: { namespace: 'user_id', value: 'bob' },
      purpose: 'service',
      channel: '*',
      decision: 'withdrawn',
      basis: 'consent',
      proof: {},
    })
    await using flow = startFlow(app)
    await flow.idle()
    expect(await traitsOf(app, 'ada')).toMatchObject({ probe: 'mode,plan' })
    expect(await traitsOf(app, 'bob')).toMatchObject({ probe: '' })
  })

  test('stays closed for a purpose that profiles when one of the merged profiles is restricted', async () => {
    await using app = await openTestApp({ works: false })
    const pkg = await probePackage(seen, { triggers: { events: ['Order'] }, ...reads })
    await app.registry.install(app.workspaceId, pkg, 'test')
    await app.send(
      identify('ada', { mode: 1 }),
      identify('ada2', { plan: 'pro' }),
      track('bob', 'Visit'),
    )
    const loser = await app.profileOf('ada2')
    await app.sql`insert into legal_state (workspace_id, profile_id, restricted, updated_at)
      values (${app.workspaceId}, ${loser}, true, now())`
    await app.send(
      alias('ada', 'ada2'),
      track('ada', 'Order'),
      identify('bob', { plan: 'x' }),
      track('bob', 'Order'),
    )
    await using flow = startFlow(app)
    await flow.idle()
    expect(await traitsOf(app, 'bob')).toMatchObject({ probe: 'plan' })
    expect((await traitsOf(app, 'ada'))['probe'] ?? '').toBe('')
  })

  test('follows a policy that came into force between reading and committing', async () => {
    await using app = await openTestApp({ worker: once })
    const slow = 'for (const end = Date.now() + 80; Date.now() < end;);'
    await install(
      app,
      `({ profile }) => { ${slow} return write(Object.keys(profile.traits).join()) }`,
      {
        timeoutMs: 1000,
        reads: { traits: ['mode'] },
      },
    )
    await app.send(identify('ada', { mode: 1 }), track('ada', 'Order'))
    await until(async () => (await agenda(app)).some(({ lease_owner }) => lease_owner !== null))
    await activate(app, [
      {
        id: 'mode-is-closed',
        sentence: 'Agents do not see the mode.',
        effect: 'forbid',
        agents: ['*'],
        action: 'read',
        subject: 'Profile',
        purposes: ['*'],
        fields: ['trait:mode'],
        reason: 'closed',
      },
    ])
    await app.idle()
    expect(await traitsOf(app, 'ada')).toMatchObject({ probe: '' })
  })

  test('refuses a write that the policy forbids', async () => {
    await using app = await openTestApp({ worker: once })
    await install(app, '() => write(1)')
    await activate(app, [
      {
        id: 'probe-is-closed',
        sentence: 'Agents do not write the probe.',
        effect: 'forbid',
        agents: ['*'],
        action: 'write',
        subject: 'Profile',
        purposes: ['*'],
        fields: ['trait:probe'],
        reason: 'closed',
      },
    ])
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await agenda(app)).toMatchObject([{ last_error: 'forbidden' }])
    expect(await traitsOf(app, 'ada')).toEqual({})
  })
})

function activate(app: TestApp, rules: JsonObject[]): Promise<void> {
  const { document } = shippedPolicy()
  const { document: next } = parsePolicy({ ...document, rules: [...document.rules, ...rules] })
  return activatePolicy(app, next, 2)
}

describe('a plugin out of service', () => {
  test('keeps its reactions while it is paused, and runs them when it is back', async () => {
    await using app = await openTestApp({ worker: once })
    await app.install('count')
    await app.sql`update plugin set state = 'paused'`
    await app.registry.refresh()
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await agenda(app)).toMatchObject([
      { agent: 'count/tally', lease_owner: null, attempts: 0 },
    ])
    await app.sql`update plugin set state = 'active'`
    await app.registry.refresh()
    await app.idle()
    expect(await traitsOf(app, 'ada')).toMatchObject({ orders_seen: 1 })
  })

  test('is not woken any more once it was removed, and its traits stay', async () => {
    await using app = await openTestApp({ worker: once })
    await app.install('count')
    await app.send(track('ada', 'Order'))
    await app.idle()
    await app.registry.remove(app.workspaceId, 'count', 'test')
    await app.send(track('ada', 'Order'))
    expect(await agenda(app)).toEqual([])
    expect(await traitsOf(app, 'ada')).toMatchObject({ orders_seen: 1 })
  })
})
