import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { connect } from '../../blackboard/connect.ts'
import { relaySignals } from '../../core/relay.ts'
import { createSignals } from '../../core/signal.ts'
import { openTestDatabase } from '../support/database.ts'
import { quiet } from '../support/quiet.ts'

const log = pino({ level: 'silent' })
const isServer = inject('serverUrl') !== ''

/** A node that shares the database of the test. */
async function openNode(url: string | undefined) {
  await using stack = new AsyncDisposableStack()
  const db = stack.use(await connect({ databaseUrl: url, dataDir: '', log: quiet }))
  const signals = createSignals()
  stack.use(await relaySignals(db, signals, randomUUID(), log))
  const held = stack.move()
  return { db, signals, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

const heard = <T>(listen: (resolve: (value: T) => void) => void): Promise<T> => new Promise(listen)

// The embedded engine has one process, so there is nobody to relay to.
test.runIf(isServer)('wakes the other node, and tells it which profiles changed', async () => {
  await using database = await openTestDatabase()
  await using one = await openNode(database.url)
  await using other = await openNode(database.url)
  const topic = heard<string>((resolve) => other.signals.on('agenda', () => resolve('agenda')))
  const ids = Array.from({ length: 250 }, (_, n) => `profile-${n}`)
  const seen = new Set<string>()
  const profiles = heard<void>((resolve) =>
    other.signals.onProfileChanged((workspaceId, changed) => {
      expect(workspaceId).toBe(7)
      for (const id of changed) seen.add(id)
      if (seen.size === ids.length) resolve()
    }),
  )
  one.signals.send('agenda')
  one.signals.profileChanged(7, ids)
  expect(await topic).toBe('agenda')
  await profiles
})

test.runIf(isServer)(
  'hears its own signals once, and takes nothing that is not a signal',
  async () => {
    await using database = await openTestDatabase()
    await using one = await openNode(database.url)
    await using other = await openNode(database.url)
    let own = 0
    one.signals.on('policy', () => (own += 1))
    const arrived = heard<void>((resolve) => other.signals.on('proposed', () => resolve()))
    await one.db.sql`select pg_notify('slateboard', 'not a signal')`
    one.signals.send('policy')
    one.signals.send('proposed')
    await arrived
    expect(own).toBe(1)
  },
)

test('passes nothing on and keeps working where the process is alone', async () => {
  await using database = await openTestDatabase()
  const signals = createSignals()
  await using relay = await relaySignals(database, signals, 'node', log)
  const topic = heard<string>((resolve) => signals.on('agenda', () => resolve('agenda')))
  signals.send('agenda')
  expect(await topic).toBe('agenda')
  expect(relay).toBeDefined()
})
