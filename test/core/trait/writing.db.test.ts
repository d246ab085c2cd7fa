import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { loadSlices } from '../../../blackboard/query/loadSlices.ts'
import { ingestRoutes } from '../../../api/route/ingest.ts'
import { createSource } from '../../../core/admin/createSource.ts'
import { createPermissions } from '../../../core/flow/react/permission.ts'
import { createIngestPort } from '../../../core/flow/ingest/sources.ts'
import type { PolicyRule } from '../../../core/model/policy.ts'
import { findProfile } from '../../../core/read/findProfile.ts'
import { readTraits } from '../../../core/read/readTraits.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { identify, openTestApp, testClock, track, type TestApp } from '../../support/app.ts'
import { readerOf } from '../../support/readerOf.ts'

const define = async (app: TestApp, input: object) =>
  defineTrait(await readerOf(app, 'officer'), { reason: 'for the test', ...input })

const metricOf = async (app: TestApp, name: string): Promise<string[]> => {
  const text = await app.metrics.registry.metrics()
  return text.split('\n').filter((line) => line.startsWith(`${name}{`))
}

async function seenOf(app: TestApp, userId: string, purpose = 'analytics') {
  const reader = await readerOf(app, 'app', [purpose])
  const profile = await findProfile(reader, { by: { namespace: 'user_id', value: userId } })
  if (!profile) throw new TypeError(`${userId} is missing`)
  const [traits = []] = await readTraits(reader, [profile])
  return Object.fromEntries(traits.map((trait) => [trait.key, trait]))
}

describe('a stated value that its schema refuses', () => {
  const still = { works: false } as const
  const age = { key: 'age', dataClass: 'none', schema: { type: 'integer', maximum: 130 } }

  test('is not written, while its event is kept and its sender told where and not what', async () => {
    await using app = await openTestApp(still)
    await define(app, age)
    const results = await app.send(
      identify('ada', { age: 36 }),
      identify('ada', { age: 4711, plan: 'pro' }),
      identify('bob', { age: '4711' }),
    )
    expect(results).toMatchObject([
      { status: 'accepted' },
      {
        status: 'accepted',
        warnings: [{ trait: 'age', code: 'trait_value_refused', path: '/maximum' }],
      },
      { status: 'accepted', warnings: [{ path: '/type' }] },
    ])
    expect(results[0]).not.toHaveProperty('warnings')
    expect(JSON.stringify(results)).not.toContain('4711')
    const profiles = await app.sql`select traits from profile order by id`
    expect(profiles.map(({ traits }) => traits)).toEqual([{ age: 36, plan: 'pro' }, {}])
    const events = await app.sql`select traits from event where traits ->> 'age' = '4711'`
    expect(events).toHaveLength(2)
    expect(await app.sql`select 1 from change where value::text like '%4711%'`).toHaveLength(0)
    expect(await metricOf(app, 'slateboard_trait_refusals_total')).toEqual([
      'slateboard_trait_refusals_total{trait="age",code="trait_value_refused"} 2',
    ])
  })

  test('may be removed, whatever the schema says', async () => {
    await using app = await openTestApp(still)
    await define(app, age)
    await app.send(identify('ada', { age: 36 }))
    expect(await app.send(identify('ada', { age: null }))).toMatchObject([{ status: 'accepted' }])
    expect(await app.sql`select traits from profile`).toMatchObject([{ traits: {} }])
  })

  test('is told of in the answer to the request, beside what was accepted', async () => {
    await using app = await openTestApp(still)
    await define(app, age)
    await app.install('tour')
    const { writeKey } = await createSource(await readerOf(app, 'admin'), { name: 'shop' })
    const routes = ingestRoutes({
      port: createIngestPort(app.board, app.intake, app.pressure),
      clock: app.board.clock,
      log: pino({ level: 'silent' }),
    })
    const send = async (...traits: object[]) => {
      const batch = traits.map((each, n) => ({
        type: 'identify',
        messageId: `m-${JSON.stringify(each).length}-${n}`,
        userId: 'ada',
        traits: each,
      }))
      const response = await routes.request('/v1/batch', {
        method: 'POST',
        body: JSON.stringify({ batch, writeKey }),
      })
      return response.json()
    }
    expect(await send({ age: 36 }, { age: 999 }, { orders: 7 })).toEqual({
      success: true,
      ok: true,
      accepted: 3,
      duplicates: 0,
      rejected: [],
      warnings: [
        {
          index: 1,
          messageId: expect.any(String),
          trait: 'age',
          code: 'trait_value_refused',
          path: '/maximum',
        },
        { index: 2, messageId: expect.any(String), trait: 'orders', code: 'trait_owned', path: '' },
      ],
    })
    expect(await send({ age: 37, plan: 'free' })).not.toHaveProperty('warnings')
  })
})

describe('what an agent writes', () => {
  test('is refused where an officer asks for more than the manifest, and told without the value', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    await using app = await openTestApp({ log })
    await app.install('tour')
    const order = () => app.send(track('ada', 'Order Completed', { total: 5 }))
    await order()
    await app.idle()
    expect(await app.sql`select traits from profile`).toMatchObject([{ traits: { orders: 1 } }])
    const orders = { key: 'orders', version: 1, dataClass: 'pseudonymous' }
    await define(app, { ...orders, purposes: ['analytics', 'marketing'], schema: { maximum: 1 } })
    await order()
    const stuck = async () => {
      const rows = await app.sql`select last_error from agenda where agent = 'tour/count'`
      return rows[0]?.['last_error']
    }
    await expect.poll(stuck, { timeout: 10_000 }).toBe('trait_value_invalid')
    expect(await app.sql`select traits from profile`).toMatchObject([{ traits: { orders: 1 } }])
    const told = lines.find((line) => line.includes('trait_value_invalid')) ?? ''
    expect(JSON.parse(told)).toMatchObject({ trait: 'orders', path: '/maximum' })
    expect(told).not.toMatch(/"value"|:2[,}]/)
    expect(await metricOf(app, 'slateboard_trait_refusals_total')).toEqual([
      expect.stringContaining('{trait="orders",code="trait_value_invalid"}'),
    ])
  })
})

const { document } = shippedPolicy()

describe('what an agent sees', () => {
  test('is not a trait that was classified as personal, though it stands open yet and a rule permits it', async () => {
    await using app = await openTestApp({ works: false })
    const permit: PolicyRule = {
      id: 'agents-see-all',
      sentence: 'Every agent may read everything for every purpose.',
      effect: 'permit',
      agents: ['*'],
      action: 'read',
      subject: 'Profile',
      purposes: ['*'],
      fields: ['class:none', 'class:pseudonymous', 'class:contact'],
      reason: 'test',
    }
    const others = document.rules.filter(({ agents }) => agents === undefined)
    await activatePolicy(app, { ...document, rules: [...others, permit] }, 2)
    app.board.signals.send('policy')
    await app.install('tour')
    await app.send(identify('ada', { nickname: 'duchess' }))
    const agent = app.registry.find(app.workspaceId, 'tour/count')
    if (!agent) throw new TypeError('the agent is missing')
    const permissions = createPermissions(app.policies, app.definitions)
    const [row] = await loadSlices(app.sql, {
      workspaceId: app.workspaceId,
      ids: [await app.profileOf('ada')],
      keys: ['["nickname"]'],
    })
    const sees = async () => {
      const { allows } = await permissions.of(agent)
      return row !== undefined && allows('nickname', row)
    }
    expect(await sees()).toBe(true)
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    expect(await sees()).toBe(false)
  })
})

describe('a lifetime', () => {
  const hourMs = 3_600_000

  test('ends what is shown, and marks it stale before', async () => {
    const clock = testClock()
    await using app = await openTestApp({ works: false, clock })
    const plan = { key: 'plan', dataClass: 'none', purposes: [] }
    await define(app, { ...plan, freshnessMs: hourMs, ttlMs: 2 * hourMs })
    const at = (): { timestamp: Date } => ({ timestamp: clock.now() })
    await app.send(identify('ada', { plan: 'pro', city: 'Bonn' }, at()))
    expect((await seenOf(app, 'ada'))['plan']).toMatchObject({
      stale: false,
      expiresAt: new Date(clock.now().getTime() + 2 * hourMs),
    })
    clock.advance(hourMs + 1)
    expect((await seenOf(app, 'ada'))['plan']).toMatchObject({ value: 'pro', stale: true })
    expect((await seenOf(app, 'ada'))['city']).toMatchObject({ stale: false, expiresAt: null })
    await app.send(identify('ada', { plan: 'pro' }, at()))
    expect((await seenOf(app, 'ada'))['plan']).toMatchObject({ stale: false, revision: 2 })
    clock.advance(2 * hourMs)
    expect(Object.keys(await seenOf(app, 'ada'))).toEqual(['city'])
  })
})

describe('a trait that nobody has defined', () => {
  test('is taken in under the class that the policy gives, and listed with where it came from', async () => {
    await using app = await openTestApp({ works: false })
    await app.send(identify('ada', { colour: 'red' }))
    await activatePolicy(app, { ...document, unknownTraits: 'contact' }, 2)
    app.board.signals.send('policy')
    app.board.signals.send('trait')
    await app.send(identify('bob', { colour: 'blue', shade: 'azurite', diagnosis: 'x' }))
    const listed = await app.sql`
      select key, data_class, registered, first_source, author from trait_definition order by key`
    expect(listed.map((row) => ({ ...row }))).toEqual([
      { key: 'colour', data_class: 'pseudonymous', ...unknown },
      { key: 'diagnosis', data_class: 'special', ...unknown },
      { key: 'shade', data_class: 'contact', ...unknown },
    ])
    const profiles = await app.sql`select traits from profile order by id`
    expect(profiles.map(({ traits }) => traits)).toEqual([{ colour: 'red' }, { colour: 'blue' }])
    expect(await app.sql`select 1 from change where value::text like '%azurite%'`).toHaveLength(0)
    expect(await app.sql`select 1 from event where traits::text like '%azurite%'`).toHaveLength(0)
  })

  const unknown = { registered: false, first_source: 'test', author: 'system' }
})
