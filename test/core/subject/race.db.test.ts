import { expect, test } from 'vitest'
import { SlateboardError } from '../../../core/errors.ts'
import { startFlow } from '../../../core/flow/flow.ts'
import { createIntake } from '../../../core/flow/ingest/intake.ts'
import type { PluginHost } from '../../../core/host/host.ts'
import { identify, openTestApp, track } from '../../support/app.ts'
import { openOutward } from '../../support/outward.ts'
import { probePackage } from '../../support/probeHost.ts'
import { findTexts } from '../../support/scan.ts'
import { erase } from './given.ts'

// The embedded engine has one connection: nothing waits for a lock there, so a few orders are enough.
const rounds = process.env['SLATEBOARD_TEST_ENGINE'] === 'server' ? 12 : 3

const refusals: ReadonlySet<string> = new Set(['subject_erased', 'unknown_subject'])

test('whatever is written while a person is erased goes with the rest or is refused', async () => {
  await using out = await openOutward()
  const { app } = out
  const { board, workspaceId, definitions } = app
  // A second node: the batches of one wait for each other.
  const other = createIntake(board, definitions)
  const source = { id: 'other', workspaceId }
  const refused = (work: Promise<unknown>): Promise<boolean> =>
    work.then(
      () => false,
      (thrown: unknown) => {
        if (thrown instanceof SlateboardError && refusals.has(thrown.code)) return true
        throw thrown
      },
    )
  let taken = 0
  let turnedAway = 0
  const traces: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const user = `raced-user-${round}`
    const email = `raced-${round}@example.org`
    await app.send(identify(user, { city: 'Rome' }))
    const ada = await app.profileOf(user)
    const note = (where: string): string => `raced-${where}-${round}-end`
    const alone = {
      ...track(user, 'Visit', { note: note('alone') }),
      identifiers: [{ namespace: 'email', value: email }],
    }
    const acts = [
      () => app.send(track(user, 'Order', { note: note('track') })),
      () => other.submit(source, [identify(user, { email, note: note('identify') })]),
      () => other.submit(source, [alone]),
      () => refused(out.say(user, 'granted', { proof: { origin: note('consent') } })),
      () => refused(out.propose(user, { content: { text: note('proposal') } })),
      () => erase(app, ada),
    ]
    // Another act is in the midst of the others each time.
    const turned = [...acts.slice(round % acts.length), ...acts.slice(0, round % acts.length)]
    const results = await Promise.all(turned.map((act) => act()))
    const answers = results.flat().filter((each) => typeof each === 'object' && 'status' in each)
    taken += answers.filter(({ status }) => status === 'accepted').length
    turnedAway += answers.filter(({ status }) => status === 'rejected').length
    const places = ['track', 'identify', 'consent', 'proposal']
    traces.push(user, ...places.map(note))
    // Known by the address alone, it may have come first, and nothing says that it was the same person.
    const isLinked = await app.send(identify(user, { email }))
    expect(isLinked).toMatchObject([{ code: 'subject_erased' }])
  }
  expect(await findTexts(app.sql, traces)).toEqual([])
  expect(taken).toBeGreaterThan(0)
  expect(turnedAway).toBeGreaterThan(0)
  const left = await app.sql`
    select from legal_state l join identifier i on i.profile_id = l.profile_id
    where l.erased_at is not null`
  expect(left).toHaveLength(0)
})

test('an address that came to a person while they were erased stays out as well', async () => {
  await using out = await openOutward()
  const { app } = out
  const { board, workspaceId, definitions } = app
  const other = createIntake(board, definitions)
  const source = { id: 'other', workspaceId }
  for (let round = 0; round < rounds; round += 1) {
    const user = `joined-user-${round}`
    const email = `joined-${round}@example.org`
    await app.send(identify(user))
    const ada = await app.profileOf(user)
    const alone = {
      ...track(user, 'Visit', { note: `joined-note-${round}-end` }),
      identifiers: [{ namespace: 'email', value: email }],
    }
    const linking = app.send(identify(user, { email }))
    const [[linked]] = await Promise.all([linking, other.submit(source, [alone]), erase(app, ada)])
    if (linked?.status !== 'accepted') continue
    // It was linked, and the erasure came after that.
    const again = await other.submit(source, [{ ...alone, messageId: `again-${round}` }])
    expect(again).toMatchObject([{ code: 'subject_erased' }])
    expect(await findTexts(app.sql, [`joined-note-${round}-end`])).toEqual([])
  }
})

test('a reaction that runs while its person is erased writes nothing', async () => {
  await using app = await openTestApp({ works: false })
  const pkg = await probePackage(
    `({ profile }) => done({
      writes: { probe: { value: 'raced-' + profile.traits.mode.value } },
    })`,
    { triggers: { events: ['Order'] }, purpose: 'service', reads: { traits: ['mode'] } },
    'probe',
    [{ key: 'probe', class: 'none', purposes: ['service'] }],
  )
  await app.registry.install(app.workspaceId, pkg, 'test')
  await app.send(identify('ada', { mode: 'raced-Rome' }), track('ada', 'Order'))
  await app.send(identify('bob', { mode: 'raced-Oslo' }), track('bob', 'Order'))
  const ada = await app.profileOf('ada')
  let isErased = false
  // What the plugin answered is known, and nothing is committed yet.
  const host: PluginHost = {
    load: (...args) => app.host.load(...args),
    admit: (...args) => app.host.admit(...args),
    unload: (...args) => app.host.unload(...args),
    migrate: (...args) => app.host.migrate(...args),
    perform: (...args) => app.host.perform(...args),
    selfTest: (...args) => app.host.selfTest(...args),
    stats: () => app.host.stats(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    async react(...args) {
      const outcomes = await app.host.react(...args)
      expect(outcomes.every(({ ok }) => ok)).toBe(true)
      if (!isErased) await erase(app, ada)
      isErased = true
      return outcomes
    },
  }
  await using flow = startFlow({ ...app, host })
  await flow.idle()
  const rows = await app.sql<{ id: string; traits: object }[]>`select id, traits from profile`
  expect(new Map(rows.map(({ id, traits: held }) => [id, held]))).toEqual(
    new Map([
      [ada, {}],
      [await app.profileOf('bob'), { mode: 'raced-Oslo', probe: 'raced-raced-Oslo' }],
    ]),
  )
  expect(await app.sql`select from agenda`).toHaveLength(0)
  expect(await app.sql`select from change where profile_id = ${ada}`).toHaveLength(0)
  expect(await findTexts(app.sql, ['raced-Rome'])).toEqual([])
})

test('what was approved and is erased before its dispatch never leaves; what left is followed up', async () => {
  await using out = await openOutward()
  const { app } = out
  await app.send(identify('early'), identify('late'))
  for (const user of ['early', 'late']) await out.say(user, 'granted')
  await out.propose('early')
  expect(await out.dispatch()).toBe(1)
  await out.propose('early')
  await out.propose('late')
  const receipts = [
    await erase(app, await app.profileOf('early')),
    await erase(app, await app.profileOf('late')),
  ]
  expect(await out.dispatch()).toBe(0)
  expect(out.receiver.keys()).toHaveLength(1)
  expect(receipts.map(({ followUps }) => followUps)).toEqual([1, 0])
  expect(await app.sql`select kind, state, destination from follow_up`).toEqual([
    { kind: 'erasure', state: 'pending', destination: `${out.receiver.url}/hook` },
  ])
})
