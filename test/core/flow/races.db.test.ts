import { expect, test } from 'vitest'
import { raceKinds } from '../../bench/races/acts.ts'
import type { Arena } from '../../bench/races/arena.ts'
import { runRaces } from '../../bench/races/race.ts'
import { unguarded } from '../../bench/races/unguarded.ts'
import { watchBegins } from '../../bench/races/watch.ts'
import { openOutward, type Outward } from '../../support/outward.ts'

const isServer = process.env['SLATEBOARD_TEST_ENGINE'] === 'server'

/** `npm run bench -- races` runs 10,000 of each, with a connection pool for each node. */
const races = isServer ? 200 : 100

async function arenaOf(out: Outward, isGuarded = true): Promise<Arena> {
  const { app, receiver } = out
  const { id: principalId } = await app.principal()
  await watchBegins(app.sql)
  const nodes = [out.deps, await out.another(), await out.another()]
  return {
    app,
    sql: app.sql,
    dispatchers: isGuarded ? nodes : nodes.map(unguarded),
    principalId,
    url: receiver.url,
    arrived: () => Promise.resolve(receiver.keys().splice(0)),
    versions: { last: 1 },
  }
}

test.each(raceKinds)(
  'no dispatch begins after a committed %s, however the two are interleaved',
  async (kind) => {
    await using out = await openOutward()
    const arena = await arenaOf(out)
    const won = { act: 0, dispatch: 0 }
    // Where one of them won all, nothing was shown yet: a policy edit decides for many at once.
    for (let tries = 0; tries < 5 && (won.act === 0 || won.dispatch === 0); tries += 1) {
      const { races: run, leaks, sent, ...others } = await runRaces(arena, kind, races)
      expect({ run, leaks }).toEqual({ run: races, leaks: 0 })
      won.dispatch += sent
      won.act += others.recalled + others.refused + others.held
    }
    expect(won.dispatch).toBeGreaterThan(0)
    expect(won.act).toBeGreaterThan(0)
  },
  120_000,
)

// One connection runs one transaction after the other: there nothing can come between.
test.skipIf(!isServer)(
  'with the locks taken away the same races show leaks, so they would be seen',
  async () => {
    await using out = await openOutward()
    const arena = await arenaOf(out, false)
    let leaks = 0
    for (let tries = 0; tries < 5 && leaks === 0; tries += 1) {
      arena.versions.last += 2
      leaks = (await runRaces(arena, 'restriction', races)).leaks
    }
    expect(leaks).toBeGreaterThan(0)
  },
  120_000,
)
