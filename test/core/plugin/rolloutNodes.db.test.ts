import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { isInCanary } from '../../../core/model/canary.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { openSlateboard, type Slateboard } from '../../../core/open.ts'
import { track } from '../../support/app.ts'
import { feed, openPlugins } from './given.ts'

type World = Awaited<ReturnType<typeof openPlugins>>

const named = { plugin: 'probe' }
const users = Array.from({ length: 40 }, (_, n) => `u${n}`)

const join = (it: World): Promise<Slateboard> =>
  openSlateboard({
    databaseUrl: it.db.url,
    dataDir: 'memory',
    masterKey: randomBytes(32),
    log: pino({ level: 'silent' }),
    channels: {
      webhook: { allowPrivate: true, defaultUrl: null },
      email: { smtpUrl: null, from: 'a@b.test' },
    },
    cells: 1,
  })

/** The digest that a node runs for each of the profiles. */
const digestsOf = (node: Slateboard, ids: readonly string[]) =>
  ids.map((id) => node.registry.find(node.workspaceId, 'probe/probe', id)?.digest)

/** Resolves once the node has what is asked for; it looks again when it has something else to work on. */
async function until(node: Slateboard, isThere: () => boolean): Promise<void> {
  if (isThere()) return
  const there = Promise.withResolvers<void>()
  const look = (): void => {
    if (isThere()) there.resolve()
  }
  const deafen = node.board.signals.on('agenda', look)
  look()
  await there.promise
  deafen()
}

async function settled(it: World, other: Slateboard): Promise<void> {
  while ((await it.sql`select from agenda`).length > 0) {
    await Promise.all([it.idle(), other.flow?.idle()])
  }
}

// The embedded engine has one process: there is no other node.
const onServer = inject('serverUrl') !== ''

test.runIf(onServer)(
  'two nodes try a version on the same profiles, one that joins does, and both take it over',
  async () => {
    await using it = await openPlugins()
    const says = (word: number) => `() => done({ writes: { counted: { value: ${word} } } })`
    await it.put({ code: says(1) })
    await using other = await join(it)
    await it.send(...users.map((user) => track(user, 'Order')))
    await settled(it, other)
    const ids = await Promise.all(users.map((user) => it.profileOf(user)))
    const { inspection } = await it.put({ version: '2.0.0', code: says(2) }, it.admin, {
      canary: 40,
    })
    const [one = '', two = ''] = [inspection?.base?.digest, inspection?.pkg.digest]
    const wanted = (share: number) => ids.map((id) => (isInCanary(id, two, share) ? two : one))
    const has = (node: Slateboard, share: number) => () =>
      String(digestsOf(node, ids)) === String(wanted(share))
    expect(has(it, 40)()).toBe(true)
    await until(other, has(other, 40))

    for (let round = 0; round < 5; round += 1) {
      await it.send(...users.map((user) => track(user, 'Order')))
      await settled(it, other)
      const rows = await it.sql<
        { id: string; traits: JsonObject }[]
      >`select id, traits from profile`
      const said = new Map(rows.map(({ id, traits }) => [id, traits['counted']]))
      expect(ids.map((id) => said.get(id))).toEqual(
        ids.map((id) => (isInCanary(id, two, 40) ? 2 : 1)),
      )
    }

    await it.actions.setPluginShare(it.admin, { ...named, share: 80 })
    await until(other, has(other, 80))
    await using third = await join(it)
    expect(has(third, 80)()).toBe(true)

    await it.actions.promotePlugin(it.admin, named)
    for (const node of [other, third]) await until(node, has(node, 100))
    await it.actions.rollbackPlugin(it.admin, named)
    for (const node of [it, other, third]) await until(node, has(node, 0))
  },
)

test.runIf(onServer)(
  'a version that throws is taken back on both nodes under load, and every event counts once',
  async () => {
    await using it = await openPlugins()
    await it.put()
    await using other = await join(it)
    const stop = feed(it, users)
    await it.put({ version: '2.0.0', code: `() => { throw new Error('no') }` })
    const before = (await it.plugin())?.previous?.digest
    // Nobody has them judge it: each writes down what it saw once a second.
    const runs = (node: Slateboard) => () =>
      node.registry.find(node.workspaceId, 'probe/probe')?.digest === before
    for (const node of [it, other]) await until(node, runs(node))
    const sent = await stop()
    await settled(it, other)
    expect(await it.total()).toBe(sent)
    expect(await it.plugin()).toMatchObject({
      state: 'active',
      current: { version: '1.0.0' },
      waiting: 0,
      rollout: { state: 'rolled_back' },
    })
    expect((await it.audited()).filter((action) => action === 'plugin.rollback')).toHaveLength(1)
  },
)
