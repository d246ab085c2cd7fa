import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../core/model/json.ts'
import { defineTrait } from '../../../../core/trait/defineTrait.ts'
import { identify, openTestApp, testClock, track, type TestApp } from '../../../support/app.ts'
import { probePackage } from '../../../support/probeHost.ts'
import { pausePlugin } from '../../../../core/plugin/pausePlugin.ts'
import { resumePlugin } from '../../../../core/plugin/resumePlugin.ts'
import { readerOf } from '../../../support/readerOf.ts'
import { activatePolicy } from '../../../support/activatePolicy.ts'
import { parsePolicy } from '../../../../policies/document.ts'
import { shippedPolicy } from '../../../../policies/shipped.ts'

const still = { works: false } as const
const count = `({ profile, causes }) => write((profile.traits.probe?.value ?? 0) + causes.length)`

/** Installs an agent `probe/probe` that counts what woke it in the trait `probe`, and reads `score` and `plan`. */
async function install(app: TestApp, agent: JsonObject): Promise<void> {
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const reads = { traits: ['score', 'plan', 'probe'] }
  const declared = { triggers: { events: ['Order'] }, purpose: 'service', reads, ...agent }
  const pkg = await probePackage(count, declared, 'probe', traits)
  await app.registry.install(app.workspaceId, pkg, 'test')
}

const pending = async (app: TestApp): Promise<number> => {
  const [row] = await app.sql`select count(*)::int as n from agenda`
  return Number(row?.['n'])
}

async function counted(app: TestApp, user: string): Promise<unknown> {
  const id = await app.profileOf(user)
  const [row] = await app.sql`select traits -> 'probe' as value from profile where id = ${id}`
  return row?.['value'] ?? 0
}

describe('a precondition', () => {
  test('keeps an agent asleep while it does not hold, and has it woken when it does', async () => {
    await using app = await openTestApp(still)
    await install(app, { when: { 'traits.score': { $gte: 10 }, 'traits.plan': 'pro' } })
    await app.send(identify('ada', { score: 9, plan: 'pro' }), track('ada', 'Order'))
    await app.send(identify('eve', { score: '11', plan: 'pro' }), track('eve', 'Order'))
    expect(await pending(app)).toBe(0)
    await app.send(identify('ada', { score: 10 }), track('ada', 'Order'))
    expect(await pending(app)).toBe(1)
  })

  test('is asked of what the very same event stated', async () => {
    await using app = await openTestApp(still)
    await install(app, { triggers: { traits: ['score'] }, when: { 'traits.score': { $gte: 10 } } })
    await app.send(identify('ada', { score: 9 }))
    expect(await pending(app)).toBe(0)
    await app.send(identify('ada', { score: 12 }))
    expect(await pending(app)).toBe(1)
  })

  test('is asked again when the reaction is about to run', async () => {
    await using app = await openTestApp()
    await install(app, { when: { 'traits.score': { $gte: 10 } } })
    await app.send(identify('ada', { score: 10 }))
    const admin = await readerOf(app, 'admin')
    await pausePlugin(admin, app.registry, { plugin: 'probe' })
    await app.send(track('ada', 'Order'))
    await app.send(identify('ada', { score: 3 }))
    expect(await pending(app)).toBe(1)
    await resumePlugin(admin, app.registry, { plugin: 'probe' })
    await app.idle()
    expect([await pending(app), await counted(app, 'ada')]).toEqual([0, 0])
  })

  test('does not hold of what a policy hides from the agent', async () => {
    await using app = await openTestApp()
    const hiding = {
      id: 'scores-are-closed',
      sentence: 'Agents do not see scores.',
      effect: 'forbid' as const,
      agents: ['*'],
      action: 'read' as const,
      subject: 'Profile' as const,
      purposes: ['*'],
      fields: ['trait:score'],
      reason: 'closed',
    }
    const { document } = shippedPolicy()
    const { document: next } = parsePolicy({ ...document, rules: [...document.rules, hiding] })
    await activatePolicy(app, next, 2)
    await install(app, { when: { 'traits.score': { $gte: 10 } } })
    await app.send(identify('ada', { score: 10 }), track('ada', 'Order'))
    await app.idle()
    expect([await pending(app), await counted(app, 'ada')]).toEqual([0, 0])
  })

  test('holds of a trait that has expired as of one that is missing', async () => {
    const clock = testClock()
    await using app = await openTestApp({ clock })
    await defineTrait(await readerOf(app, 'officer'), {
      key: 'score',
      dataClass: 'none',
      purposes: ['service'],
      ttlMs: 60_000,
      reason: 'a test',
    })
    await install(app, { when: { 'traits.score': { $exists: false } } })
    await app.send(
      identify('ada', { score: 10 }, { timestamp: clock.now() }),
      track('ada', 'Order'),
    )
    await app.idle()
    expect(await counted(app, 'ada')).toBe(0)
    clock.advance(120_000)
    await app.send(track('ada', 'Order'))
    await app.idle()
    expect(await counted(app, 'ada')).toBe(1)
  })
})

test('may go by how sure an estimate is, and the writer’s interval is handed on', async () => {
  await using app = await openTestApp()
  const own = (key: string) => [{ key, class: 'none', purposes: ['service'] }]
  const estimate = `({ causes: [{ properties: { low } }] }) => done({ writes: {
    risk: { value: 0.7, confidence: 0.9, interval: { low, high: 0.8, level: 0.95, method: 'bootstrap' } } } })`
  const reads = { traits: [], events: { Order: ['low'] } }
  const estimator = { triggers: { events: ['Order'] }, purpose: 'service', writes: ['risk'], reads }
  const pkg = await probePackage(estimate, estimator, 'estimator', own('risk'))
  await app.registry.install(app.workspaceId, pkg, 'test')
  const sure = {
    triggers: { traits: ['risk'] },
    purpose: 'service',
    reads: { traits: ['risk'] },
    writes: ['seen'],
    when: { 'traits.risk': { $gte: 0.6 }, 'intervals.risk.low': { $gte: 0.6 } },
  }
  const told = `({ profile }) => done({ writes: { seen: { value: profile.traits.risk.interval } } })`
  const reader = await probePackage(told, sure, 'reader', own('seen'))
  await app.registry.install(app.workspaceId, reader, 'test')
  const seen = async (low: number) => {
    await app.send({ ...track('ada', 'Order'), properties: { low } })
    await app.idle()
    const [row] = await app.sql`select traits -> 'seen' as seen from profile`
    return row?.['seen'] ?? null
  }
  expect(await seen(0.4)).toBeNull()
  const interval = { low: 0.65, high: 0.8, level: 0.95, method: 'bootstrap' }
  expect(await seen(0.65)).toEqual(interval)
  // An estimate outside its own interval is no estimate.
  expect(await seen(0.75)).toEqual(interval)
  const [row] = await app.sql`select agent, last_error as error from agenda`
  expect({ ...row }).toEqual({ agent: 'estimator/probe', error: 'plugin_result_invalid' })
})

describe('a crossing', () => {
  const crosses = (more: JsonObject) => ({ triggers: { crossings: [{ trait: 'score', ...more }] } })

  test('wakes once as the number comes to lie above, and again only after it was below', async () => {
    await using app = await openTestApp()
    await install(app, crosses({ above: 0.8 }))
    const seen: unknown[] = []
    for (const score of [0.5, 0.8, 0.81, 0.95, 0.2, 0.9, 'much', 0.99, null, 0.85]) {
      await app.send(identify('ada', { score }))
      await app.idle()
      seen.push(await counted(app, 'ada'))
    }
    expect(seen).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 3, 4])
  })

  test('wakes below as well where both are named', async () => {
    await using app = await openTestApp()
    await install(app, crosses({ above: 10, below: 0 }))
    const seen: unknown[] = []
    for (const score of [5, 11, 12, -1, -2, 11]) {
      await app.send(identify('ada', { score }))
      await app.idle()
      seen.push(await counted(app, 'ada'))
    }
    expect(seen).toEqual([0, 1, 1, 2, 2, 3])
  })
})
