import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { purgeWords } from '../../../../blackboard/query/purgeWords.ts'
import type { JsonObject } from '../../../../core/model/json.ts'
import { listTraitConflicts } from '../../../../core/read/listTraitConflicts.ts'
import { commitTrait, releaseTrait } from '../../../../core/trait/commitTrait.ts'
import { conflictsKeptMs, dropConflicts } from '../../../../core/trait/dropConflicts.ts'
import { resolveConflict } from '../../../../core/trait/resolveConflict.ts'
import { readPackage } from '../../../../core/host/package.ts'
import { alias, openTestApp, testClock, track, type TestApp } from '../../../support/app.ts'
import { pluginFolder, pluginManifest } from '../../../support/pluginFolder.ts'
import { readerOf } from '../../../support/readerOf.ts'

const rules = ['owner', 'priority', 'latest', 'confidence', 'vote', 'escalate'] as const
const handler = `({ causes }) => {
  const { trait, value, confidence = 1 } = causes.at(-1).properties
  return done({ writes: { [trait]: value === undefined ? null : { value, confidence } } })
}`

/** An agent that says of a trait what its event tells it to. */
async function speaker(id: string, agent: JsonObject, more: JsonObject): Promise<void> {
  const keys = ['trait', 'value', 'confidence']
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      id,
      traits: [],
      ...more,
      agents: [
        {
          id: 'say',
          triggers: { events: [id] },
          reads: { events: { [id]: keys } },
          purpose: 'analytics',
          ...agent,
        },
      ],
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      export default definePlugin({ agents: { say: ${handler} } })`,
  })
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
}

const traitsOf = (isShared = true) =>
  rules.map((rule) => ({
    key: rule,
    class: 'none',
    purposes: ['analytics'],
    schema: { type: 'number' },
    ...(isShared ? { shares: rule === 'escalate' ? {} : { rule } } : {}),
  }))

let app: TestApp
const clock = testClock()

beforeAll(async () => {
  app = await openTestApp({ clock, worker: { pollMs: 50, sweepMs: 50 } })
  await speaker('offers', { writes: [...rules], priority: 40 }, { traits: traitsOf() })
  const shared = { sharedTraits: [...rules] }
  await speaker('rival', { writes: [...rules], priority: 60 }, shared)
  await speaker('third', { writes: [...rules], priority: 50 }, shared)
})
afterAll(() => app[Symbol.asyncDispose]())

/** Has an agent say something of somebody, and waits until that is settled. */
async function say(user: string, agent: string, properties: JsonObject): Promise<void> {
  clock.advance(1000)
  await app.send(track(user, agent, properties))
  await app.idle()
}

async function standing(user: string, key: string): Promise<unknown> {
  const [row] =
    await app.sql`select traits -> ${key} as value from profile where id = ${await app.profileOf(user)}`
  return row?.['value']
}

async function conflictsOf(user: string) {
  return app.sql`
    select trait, rule, loser, value, stood, state, resolution, times::int from trait_conflict
    where profile_id = ${await app.profileOf(user)} order by id`
}

describe('two agents that say different things of one trait', () => {
  test.each([
    ['owner', 'rival', 1, 'offers', 2, 2],
    ['owner', 'offers', 1, 'rival', 2, 1],
    ['priority', 'offers', 1, 'rival', 2, 2],
    ['priority', 'rival', 1, 'offers', 2, 1],
    ['latest', 'offers', 1, 'rival', 2, 2],
    ['vote', 'offers', 1, 'rival', 2, 1],
    ['escalate', 'offers', 1, 'rival', 2, 1],
  ] as const)(
    'by %s, after %s says %i and %s says %i',
    async (trait, one, first, other, second, expected) => {
      const user = `${trait}-${one}`
      await say(user, one, { trait, value: first })
      await say(user, other, { trait, value: second })
      expect(await standing(user, trait)).toBe(expected)
      const lost = expected === first ? [other, second] : [one, first]
      expect(await conflictsOf(user)).toMatchObject([
        {
          rule: trait,
          loser: `${lost[0]}/say`,
          value: lost[1],
          stood: expected,
          state: trait === 'escalate' ? 'open' : 'settled',
        },
      ])
    },
  )

  test('by confidence, hears a sure word over a guess and not the guess over a sure word', async () => {
    await say('eve', 'rival', { trait: 'confidence', value: 1, confidence: 0.5 })
    await say('eve', 'offers', { trait: 'confidence', value: 2, confidence: 0.6 })
    await say('eve', 'rival', { trait: 'confidence', value: 3, confidence: 0.5 })
    expect(await standing('eve', 'confidence')).toBe(2)
    expect(await conflictsOf('eve')).toMatchObject([
      { loser: 'rival/say', value: 1 },
      { loser: 'rival/say', value: 3 },
    ])
  })

  test('are no conflict where they agree, or one changes its own mind', async () => {
    await say('joe', 'offers', { trait: 'escalate', value: 1 })
    await say('joe', 'rival', { trait: 'escalate', value: 1 })
    await say('joe', 'offers', { trait: 'escalate', value: 2 })
    expect(await standing('joe', 'escalate')).toBe(2)
    expect(await conflictsOf('joe')).toEqual([])
  })

  test('the same word that loses again is counted, not noted anew', async () => {
    await say('ben', 'offers', { trait: 'owner', value: 1 })
    for (let n = 0; n < 3; n += 1) await say('ben', 'rival', { trait: 'owner', value: 2 })
    expect(await conflictsOf('ben')).toMatchObject([{ value: 2, times: 3 }])
  })

  test('a third decides a vote, and every word is kept', async () => {
    await say('vera', 'offers', { trait: 'vote', value: 1 })
    await say('vera', 'rival', { trait: 'vote', value: 2 })
    expect(await standing('vera', 'vote')).toBe(1)
    await say('vera', 'third', { trait: 'vote', value: 2 })
    expect(await standing('vera', 'vote')).toBe(2)
    await say('vera', 'offers', { trait: 'vote', value: 1 })
    expect(await standing('vera', 'vote')).toBe(2)
    expect(await conflictsOf('vera')).toMatchObject([
      { loser: 'rival/say', value: 2, times: 1 },
      { loser: 'offers/say', value: 1, times: 2 },
    ])
    // Who changes its mind takes its vote along, and two are left that agree with nobody.
    await say('vera', 'rival', { trait: 'vote', value: 1 })
    expect(await standing('vera', 'vote')).toBe(1)
  })

  test('that race: one stands, the other is noted once, and nothing is lost', async () => {
    const users = Array.from({ length: 40 }, (_, n) => `race-${n}`)
    await Promise.all(
      users.flatMap((user) => [
        app.send(track(user, 'offers', { trait: 'escalate', value: 1 })),
        app.send(track(user, 'rival', { trait: 'escalate', value: 2 })),
      ]),
    )
    await app.idle()
    const rows = await app.sql`
      select count(*)::int as n, bool_and(c.value <> p.traits -> 'escalate' and c.stood = p.traits -> 'escalate'
        and c.loser <> p.provenance -> 'escalate' -> 'author' ->> 'id') as fits
      from profile p join identifier i on i.profile_id = p.id and i.value like 'race-%'
      join trait_conflict c on c.profile_id = p.id group by p.id`
    expect(rows.map((row) => ({ ...row }))).toEqual(users.map(() => ({ n: 1, fits: true })))
  })
})

test('a trait that its plugin does not share is refused, and one that it shares no more is not written', async () => {
  const foreign = { sharedTraits: ['nowhere'] }
  await expect(speaker('thief', { writes: ['nowhere'] }, foreign)).rejects.toMatchObject({
    code: 'trait_not_shared',
    values: { key: 'nowhere' },
  })
  await say('una', 'offers', { trait: 'latest', value: 1 })
  await speaker('offers', { writes: [...rules] }, { version: '1.0.1', traits: traitsOf(false) })
  await expect(
    speaker('late', { writes: ['latest'] }, { sharedTraits: ['latest'] }),
  ).rejects.toMatchObject({
    code: 'trait_not_shared',
  })
  await app.send(track('una', 'rival', { trait: 'latest', value: 2 }))
  const id = await app.profileOf('una')
  const waits = () => app.sql`select last_error from agenda where profile_id = ${id}`
  while ((await waits())[0]?.['last_error'] !== 'forbidden') await new Promise(setImmediate)
  expect(await standing('una', 'latest')).toBe(1)
  await app.sql`delete from agenda where profile_id = ${id}`
  await speaker(
    'offers',
    { writes: [...rules], priority: 40 },
    { version: '1.0.2', traits: traitsOf() },
  )
})

describe('a person', () => {
  const listed = async (user: string) => {
    const officer = await readerOf(app, 'admin', ['analytics'])
    const { items } = await listTraitConflicts(officer, {}, { first: 100 })
    const members = await app.sql`
      select id from profile where canonical_id = ${await app.profileOf(user)}`
    return items.filter(({ profileId }) => members.some(({ id }) => id === profileId))
  }

  test('decides what was escalated, wakes who goes by it, and settles the same words for later', async () => {
    await speakOf('watch')
    await say('ada', 'offers', { trait: 'escalate', value: 1 })
    await say('ada', 'rival', { trait: 'escalate', value: 2 })
    const [open] = await listed('ada')
    expect(open).toMatchObject({ state: 'open', value: 2, stood: 1, winner: { id: 'offers/say' } })
    if (!open) throw new TypeError('nothing waits')
    const auditor = await readerOf(app, 'auditor')
    await expect(resolveConflict(auditor, open, 'take')).rejects.toMatchObject({
      code: 'forbidden',
    })
    const officer = await readerOf(app, 'admin', ['analytics'])
    expect(await seen('ada')).toBe(1)
    await resolveConflict(officer, open, 'take')
    await app.idle()
    expect(await standing('ada', 'escalate')).toBe(2)
    expect(await seen('ada')).toBe(2)
    await expect(resolveConflict(officer, open, 'keep')).rejects.toMatchObject({
      code: 'trait_conflict_settled',
    })
    await say('ada', 'offers', { trait: 'escalate', value: 1 })
    await say('ada', 'offers', { trait: 'escalate', value: 1 })
    await say('ada', 'offers', { trait: 'escalate', value: 3 })
    expect(await standing('ada', 'escalate')).toBe(2)
    expect(await conflictsOf('ada')).toMatchObject([
      { loser: 'rival/say', state: 'settled', resolution: 'taken' },
      { loser: 'offers/say', value: 1, state: 'settled', resolution: 'kept', times: 2 },
      { loser: 'offers/say', value: 3, state: 'open', resolution: null },
    ])
    const acts =
      await app.sql`select payload::jsonb from audit_entry where action = 'conflict.resolve'`
    expect(acts).toMatchObject([{ payload: { verdict: 'take', trait: 'escalate', wrote: true } }])
  })

  test('keeps what stands, and hears no more of what they refused; of another word they do', async () => {
    await say('kim', 'offers', { trait: 'escalate', value: 1 })
    await say('kim', 'rival', { trait: 'escalate', value: 2 })
    const [open] = await listed('kim')
    if (!open) throw new TypeError('nothing waits')
    await resolveConflict(await readerOf(app, 'admin', ['analytics']), open, 'keep')
    await say('kim', 'rival', { trait: 'escalate', value: 2 })
    await say('kim', 'rival', { trait: 'escalate', value: 3 })
    await say('kim', 'rival', { trait: 'escalate', value: 4 })
    expect(await standing('kim', 'escalate')).toBe(1)
    expect(await conflictsOf('kim')).toMatchObject([
      { value: 2, resolution: 'kept', times: 2 },
      { value: 3, state: 'settled', resolution: 'superseded' },
      { value: 4, state: 'open' },
    ])
  })

  test('decides for whom a profile counts as by now', async () => {
    await say('old', 'offers', { trait: 'escalate', value: 1 })
    await say('old', 'rival', { trait: 'escalate', value: 2 })
    await app.send(alias('new', 'old'))
    await app.idle()
    const [open] = await listed('new')
    if (!open) throw new TypeError('nothing waits')
    expect(open).toMatchObject({ value: 2, isWithheld: false })
    await resolveConflict(await readerOf(app, 'admin', ['analytics']), open, 'take')
    expect(await standing('new', 'escalate')).toBe(2)
  })

  test('who answers for a trait approves what agents would write against it, or does not', async () => {
    const officer = await readerOf(app, 'admin', ['analytics'])
    const by = { namespace: 'user_id', value: 'pat' }
    await say('pat', 'offers', { trait: 'latest', value: 10 })
    await expect(
      commitTrait(await readerOf(app, 'app'), { by, key: 'latest' }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    await commitTrait(officer, { by, key: 'latest', allows: { maximum: 20 } })
    await say('pat', 'offers', { trait: 'latest', value: 15 })
    await say('pat', 'offers', { trait: 'latest', value: 30 })
    expect(await standing('pat', 'latest')).toBe(15)
    const [waits] = await listed('pat')
    expect(waits).toMatchObject({ rule: 'commitment', state: 'proposed', value: 30, stood: 15 })
    if (!waits) throw new TypeError('nothing waits')
    await resolveConflict(officer, waits, 'keep')
    await say('pat', 'offers', { trait: 'latest', value: 40 })
    const [other] = await listed('pat')
    if (!other) throw new TypeError('nothing waits')
    await resolveConflict(officer, other, 'take')
    expect(await standing('pat', 'latest')).toBe(40)
    await say('pat', 'offers', { trait: 'latest', value: 50 })
    expect(await standing('pat', 'latest')).toBe(40)
    await releaseTrait(officer, { by, key: 'latest' })
    await say('pat', 'offers', { trait: 'latest', value: 51 })
    expect(await standing('pat', 'latest')).toBe(51)
    await expect(releaseTrait(officer, { by, key: 'latest' })).rejects.toMatchObject({
      code: 'trait_not_standing',
    })
  })

  test('answers for a trait that has no value yet, so that no agent gives it one', async () => {
    const officer = await readerOf(app, 'admin', ['analytics'])
    await say('nia', 'offers', { trait: 'owner', value: 1 })
    await commitTrait(officer, { by: { namespace: 'user_id', value: 'nia' }, key: 'latest' })
    await say('nia', 'offers', { trait: 'latest', value: 1 })
    expect(await standing('nia', 'latest')).toBeNull()
    expect(await conflictsOf('nia')).toMatchObject([{ rule: 'commitment', value: 1, stood: null }])
  })
})

test('what was settled is forgotten in time, and what waits is not', async () => {
  await say('max', 'offers', { trait: 'owner', value: 1 })
  await say('max', 'rival', { trait: 'owner', value: 2 })
  await say('max', 'offers', { trait: 'escalate', value: 1 })
  await say('max', 'rival', { trait: 'escalate', value: 2 })
  const now = clock.now().getTime()
  const after = (ms: number) => ({ ...clock, now: () => new Date(now + ms) })
  await dropConflicts({ db: app.board.db, clock: after(conflictsKeptMs - 5000) })
  expect(await conflictsOf('max')).toHaveLength(2)
  await dropConflicts({ db: app.board.db, clock: after(conflictsKeptMs + 5000) })
  expect(await conflictsOf('max')).toMatchObject([{ state: 'open' }])
})

test('of a plugin that is purged no word is left, and those of others are', async () => {
  await say('pip', 'offers', { trait: 'vote', value: 1 })
  await say('pip', 'rival', { trait: 'vote', value: 2 })
  await say('pip', 'third', { trait: 'owner', value: 1 })
  await say('pip', 'offers', { trait: 'owner', value: 2 })
  const id = await app.profileOf('pip')
  const { workspaceId } = app
  await purgeWords(app.board.db.sql, { workspaceId, pluginId: 'rival', ids: [id] })
  const [row] = await app.sql`
    select array(select jsonb_object_keys(provenance -> 'vote' -> 'words')) as words from profile where id = ${id}`
  expect(row?.['words']).toEqual(['offers/say'])
  expect(await conflictsOf('pip')).toMatchObject([{ trait: 'owner', loser: 'third/say' }])
})

test('a trait that is personal by now keeps no words in the open', async () => {
  await say('sal', 'offers', { trait: 'vote', value: 1 })
  await say('sal', 'rival', { trait: 'vote', value: 2 })
  await say('sal', 'offers', { trait: 'escalate', value: 1 })
  await say('sal', 'rival', { trait: 'escalate', value: 2 })
  for (const key of ['vote', 'escalate'])
    await app.sql`
    insert into trait_sealing (workspace_id, key, version, state, requested_at, pass_began_at)
    values (${app.workspaceId}, ${key}, 9, 'sealing', now(), now())`
  app.board.signals.send('trait')
  await app.idle()
  const id = await app.profileOf('sal')
  const [row] = await app.sql`select provenance::text as made from profile where id = ${id}`
  expect(row?.['made']).not.toContain('words')
  expect(await conflictsOf('sal')).toMatchObject([
    { value: null, stood: null, state: 'settled', resolution: null },
    { value: null, stood: null, state: 'settled', resolution: 'sealed' },
  ])
})

test('how often agents contradict each other is counted by rule, and beside what they write', async () => {
  const text = await app.metrics.registry.metrics()
  expect(text).toMatch(/slateboard_trait_conflicts_total\{rule="escalate",state="open"\} \d/)
  await app.meter.flush()
  const [row] =
    await app.sql`select writes::int, conflicts::int from plugin_health where plugin_id = 'rival'`
  expect(row?.['conflicts']).toBeGreaterThan(3)
  expect(row?.['writes']).toBeGreaterThanOrEqual(Number(row?.['conflicts']))
})

/** An agent that is woken by the trait and keeps what it saw of it. */
async function speakOf(id: string): Promise<void> {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      id,
      traits: [{ key: 'seen', class: 'none', purposes: ['analytics'] }],
      agents: [
        {
          id: 'see',
          triggers: { traits: ['escalate'] },
          reads: { traits: ['escalate'] },
          writes: ['seen'],
          purpose: 'analytics',
        },
      ],
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      export default definePlugin({ agents: { see: ({ profile }) =>
        done({ writes: { seen: { value: profile.traits.escalate.value } } }) } })`,
  })
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
}

const seen = (user: string) => standing(user, 'seen')
