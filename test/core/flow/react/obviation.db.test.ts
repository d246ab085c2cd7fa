import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../core/model/json.ts'
import { identify, openTestApp, testClock, track, type TestApp } from '../../../support/app.ts'
import { probePackage } from '../../../support/probeHost.ts'

/** Reminds of a cart an hour after it was filled. */
const remind = `({ profile, causes, now }) => {
  const filledAt = Math.min(...causes.map((cause) => Date.parse(cause.timestamp)))
  return Date.parse(now) - filledAt < 3600000 ? snooze(3600000) : write('reminded')
}`

async function install(app: TestApp, code: string, agent: JsonObject): Promise<void> {
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const declared = { triggers: { events: ['Cart Filled'] }, purpose: 'service', ...agent }
  await app.registry.install(
    app.workspaceId,
    await probePackage(code, declared, 'probe', traits),
    'test',
  )
}

const pending = async (app: TestApp) =>
  (await app.sql`select rating, due_at is not null as sleeps from agenda order by rating desc`).map(
    (row) => ({
      ...row,
    }),
  )

describe('a reaction that has not begun', () => {
  test.each([
    ['an event', { events: ['Order Completed'] }, track('ada', 'Order Completed')],
    ['a change', { traits: ['cart'] }, identify('ada', { cart: 'empty' })],
  ])(
    'is dropped by %s that obviates it, and runs in its time where nothing does',
    async (_, obviations, event) => {
      const clock = testClock()
      await using app = await openTestApp({ clock, worker: { pollMs: 50, sweepMs: 50 } })
      await install(app, remind, { obviations })
      const filled = (user: string) => ({ ...track(user, 'Cart Filled'), timestamp: clock.now() })
      await app.send(filled('ada'), filled('eve'))
      await app.idle()
      expect(await pending(app)).toEqual([
        { rating: 0, sleeps: true },
        { rating: 0, sleeps: true },
      ])
      await app.send(event)
      expect(await pending(app)).toHaveLength(1)
      clock.advance(3_601_000)
      while ((await app.sql`select 1 from agenda`).length > 0) await new Promise(setImmediate)
      const rows = await app.sql`
      select count(*)::int as n from profile where traits ->> 'probe' = 'reminded' and id = ${await app.profileOf('eve')}`
      expect({ ...rows[0] }).toEqual({ n: 1 })
      expect(await app.sql`select 1 from profile where traits ? 'probe'`).toHaveLength(1)
    },
  )

  test('is rated anew when the trait changes that it is rated by', async () => {
    await using app = await openTestApp({ works: false })
    await install(app, '() => write(1)', {
      rating: { trait: 'value' },
      reads: { traits: ['value'] },
    })
    await app.send(identify('ada', { value: 0.2 }), track('ada', 'Cart Filled'))
    await app.send(identify('eve', { value: 0.5 }), track('eve', 'Cart Filled'))
    const ratings = async () => (await pending(app)).map(({ rating }) => rating)
    expect(await ratings()).toEqual([0.5, 0.2])
    await app.send(identify('ada', { value: 7 }))
    expect(await ratings()).toEqual([1, 0.5])
    await app.send(identify('ada', { value: 'much' }))
    expect(await ratings()).toEqual([0.5, 0])
  })
})
