import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../core/model/json.ts'
import {
  alias,
  identify,
  openTestApp,
  testClock,
  track,
  type TestApp,
} from '../../../support/app.ts'
import { probePackage } from '../../../support/probeHost.ts'

const told = `({ profile, causes }) => write([...(profile.traits.probe?.value ?? []),
  causes.map((c) => c.name || c.key || c.kind).sort().join('+')])`
const worker = { pollMs: 50, sweepMs: 50 }

/** An agent that waits for the orders, the stock and the price, and keeps what came each time that it ran. */
async function install(app: TestApp, join: JsonObject = {}): Promise<void> {
  const agent = {
    triggers: { events: ['Orders', 'Stock'], traits: ['price'] },
    join: { withinMs: 60_000, ...join },
    purpose: 'service',
    reads: { traits: ['price', 'probe'] },
  }
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  await app.registry.install(
    app.workspaceId,
    await probePackage(told, agent, 'probe', traits),
    'test',
  )
}

async function heard(app: TestApp, user = 'ada'): Promise<unknown> {
  await app.idle()
  const id = await app.profileOf(user)
  const [row] = await app.sql`select traits -> 'probe' as value from profile where id = ${id}`
  return row?.['value'] ?? null
}

describe('an agent that waits for several things', () => {
  test('runs once when all have come, in whatever order and however often, and then waits for all anew', async () => {
    await using app = await openTestApp()
    await install(app)
    await app.send(track('ada', 'Stock'), track('ada', 'Stock'))
    await app.send(identify('ada', { price: 5 }))
    expect(await heard(app)).toBeNull()
    await app.send(track('ada', 'Orders'))
    expect(await heard(app)).toEqual(['Orders+Stock+Stock+price'])
    await app.send(track('ada', 'Orders'), track('ada', 'Stock'))
    expect(await heard(app)).toHaveLength(1)
    await app.send(identify('ada', { price: 6 }))
    expect(await heard(app)).toEqual(['Orders+Stock+Stock+price', 'Orders+Stock+price'])
  })

  test('runs at once when they come together', async () => {
    await using app = await openTestApp()
    await install(app)
    await app.send(track('ada', 'Stock'), track('ada', 'Orders'), identify('ada', { price: 5 }))
    expect(await heard(app)).toEqual(['Orders+Stock+price'])
  })

  test('is content with a quorum', async () => {
    await using app = await openTestApp()
    await install(app, { need: 2 })
    await app.send(track('ada', 'Stock'), track('ada', 'Stock'))
    expect(await heard(app)).toBeNull()
    await app.send(track('ada', 'Orders'))
    expect(await heard(app)).toEqual(['Orders+Stock+Stock'])
  })

  test.each([
    ['run', ['Stock']],
    ['drop', null],
  ])('has them for a time from the first on, and then may %s', async (onTimeout, expected) => {
    const clock = testClock()
    await using app = await openTestApp({ clock, worker })
    await install(app, { onTimeout })
    await app.send(track('ada', 'Stock'))
    clock.advance(59_000)
    await app.send(track('ada', 'Stock'))
    expect(await heard(app)).toBeNull()
    clock.advance(2000)
    while ((await app.sql`select 1 from agenda`).length > 0) await new Promise(setImmediate)
    expect(await heard(app)).toEqual(onTimeout === 'run' ? ['Stock+Stock'] : expected)
    // A new round: nothing of the old one counts.
    await app.send(track('ada', 'Orders'), identify('ada', { price: 5 }))
    expect(await heard(app)).toEqual(onTimeout === 'run' ? ['Stock+Stock'] : expected)
  })

  test('has what each of two persons brought when they turn out to be one', async () => {
    await using app = await openTestApp()
    await install(app)
    await app.send(track('ada', 'Stock'), track('eve', 'Orders'))
    await app.send(identify('ada', { price: 5 }))
    await app.send(alias('eve', 'ada'))
    expect(await heard(app)).toEqual(['Orders+Stock+price'])
    await app.send(track('joe', 'Stock'), track('joe-too', 'Stock'))
    await app.send(alias('joe-too', 'joe'))
    expect(await heard(app, 'joe')).toBeNull()
  })

  test('fires exactly once for each however the triggers race', async () => {
    await using app = await openTestApp({ worker })
    await install(app)
    const users = Array.from({ length: 40 }, (_, n) => `u${n}`)
    await Promise.all(
      users.flatMap((user) => [
        app.send(track(user, 'Stock')),
        app.send(track(user, 'Orders')),
        app.send(identify(user, { price: 5 })),
      ]),
    )
    await app.idle()
    const rows = await app.sql`
      select traits -> 'probe' as value, count(*)::int as n from profile where canonical_id = id group by 1`
    expect(rows.map((row) => ({ ...row }))).toEqual([{ value: ['Orders+Stock+price'], n: 40 }])
  })
})
