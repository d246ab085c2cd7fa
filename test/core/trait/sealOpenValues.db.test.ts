import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { findProfile } from '../../../core/read/findProfile.ts'
import { listRedactions, readTraits } from '../../../core/read/readTraits.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { batchLimits, sealOpenValues, settleMs } from '../../../core/trait/sealOpenValues.ts'
import type { Role } from '../../../core/model/principal.ts'
import {
  alias,
  identify,
  openTestApp,
  testClock,
  track,
  type TestApp,
  type TestClock,
} from '../../support/app.ts'

/** The whole platform without its steps: the test runs them. */
async function open(): Promise<TestApp & { clock: TestClock }> {
  const clock = testClock()
  return { ...(await openTestApp({ works: false, clock })), clock }
}

async function readerOf(app: TestApp, role: Role = 'officer', purposes: string[] = []) {
  const door = createDoorkeeper(app.board, app.policies)
  return door.read({ id: role, workspaceId: app.workspaceId, name: role, role, purposes })
}

const define = async (app: TestApp, input: object) =>
  defineTrait(await readerOf(app), { reason: 'for the test', ...input })

async function sealAll(app: TestApp, limits?: Parameters<typeof sealOpenValues>[1]) {
  let batches = 0
  while ((await sealOpenValues(app.board, limits)) > 0) batches += 1
  return batches
}

/** Tables whose text holds the word, in the clear. */
async function tablesWith(app: TestApp, word: string): Promise<string[]> {
  const columns = await app.sql<{ table: string; column: string }[]>`
    select c.table_name as table, c.column_name as column from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE'`
  const found = new Set<string>()
  for (const { table, column } of columns) {
    const rows = await app.sql`
      select 1 from ${app.sql(table)} where ${app.sql(column)}::text ilike ${`%${word}%`} limit 1`
    if (rows.length > 0) found.add(table)
  }
  // Every row of a partitioned table is in a partition too.
  return [...found].filter((name) => !/_(default|\d{4}_?\d\d)$/.test(name)).toSorted()
}

const sealing = async (app: TestApp) =>
  (await app.sql`select * from trait_sealing order by key, version`).map((row) => ({ ...row }))

describe('a trait that turns out to be personal', () => {
  test('leaves no value in the open: not on profiles, in changes, in events or in what was merged', async () => {
    await using app = await open()
    const secret = 'zanzibarite'
    await app.send(identify('ada', { nickname: secret, plan: 'pro' }))
    await app.send(identify('ada', { nickname: `${secret}2` }))
    await app.send(identify('bob', { nickname: `${secret}3`, email: 'bob@example.com' }))
    await app.send(track('bob', 'Renamed', { nickname: `${secret}4`, size: 2 }))
    await app.send(alias('ada', 'bob'))
    expect(await tablesWith(app, secret)).toEqual(['change', 'event', 'profile'])
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    await sealAll(app)
    expect(await tablesWith(app, secret)).toEqual([])
    expect(await sealing(app)).toMatchObject([
      { key: 'nickname', version: 2, state: 'sealing', profiles: 2, events: 4 },
    ])
    app.clock.advance(settleMs)
    await sealAll(app)
    expect(await sealing(app)).toMatchObject([{ state: 'done', finished_at: expect.any(Date) }])
    const audited = await app.sql`select payload from audit_inbox where action = 'trait.seal'`
    expect(audited).toMatchObject([{ payload: { version: 2, profiles: 2, events: 4 } }])
  })

  test('keeps the value for those who may read the new class, and what stood beside it', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'duchess', plan: 'pro' }))
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    const service = await readerOf(app, 'app', ['service'])
    const analytics = await readerOf(app, 'app', ['analytics'])
    const by = { namespace: 'user_id', value: 'ada' }
    const seen = async (reader: typeof service) => {
      const profile = await findProfile(reader, { by })
      if (!profile) throw new TypeError('ada is missing')
      const [traits = []] = await readTraits(reader, [profile])
      return {
        traits: Object.fromEntries(traits.map(({ key, value }) => [key, value])),
        withheld: listRedactions(reader, profile).map(({ key }) => key),
      }
    }
    // Before it is sealed, the class alone withholds it.
    expect((await seen(analytics)).traits).toEqual({ plan: 'pro' })
    expect((await seen(analytics)).withheld).toContain('nickname')
    const before = await seen(service)
    expect(before.traits).toEqual({ plan: 'pro', nickname: 'duchess' })
    await sealAll(app)
    expect(await seen(service)).toEqual(before)
    expect((await seen(analytics)).traits).toEqual({ plan: 'pro' })
    const [event] = await app.sql`select traits, sealed from event`
    expect(event).toMatchObject({ traits: { plan: 'pro' }, sealed: expect.any(Buffer) })
  })

  test('is not written again when it is stated again, and is when it changes', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'duchess' }))
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    await sealAll(app)
    const revision = async () => {
      const [row] = await app.sql`select provenance -> 'nickname' ->> 'revision' as n from profile`
      return Number(row?.['n'])
    }
    const later = (ms: number) => ({ timestamp: new Date(Date.now() + ms) })
    await app.send(identify('ada', { nickname: 'duchess' }, later(1000)))
    expect(await revision()).toBe(1)
    await app.send(identify('ada', { nickname: 'queen' }, later(2000)))
    expect(await revision()).toBe(2)
    expect(await tablesWith(app, 'queen')).toEqual([])
  })

  test('is found behind the first pass, where a node that had not heard of it wrote', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'duchess' }))
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    await sealAll(app)
    await app.sql`update profile set traits = traits || '{"nickname":"behind"}'`
    app.clock.advance(settleMs - 1)
    expect(await sealAll(app)).toBe(0)
    app.clock.advance(1)
    await sealAll(app)
    expect(await tablesWith(app, 'behind')).toEqual([])
    expect(await sealing(app)).toMatchObject([{ state: 'done', profiles: 2, pass: 3 }])
  })

  test('goes to the vault when a merge brings it from a profile that the job has not reached', async () => {
    await using app = await open()
    await app.send(identify('ada', { plan: 'pro' }))
    await app.send(identify('bob', { nickname: 'duchess' }))
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    await app.send(alias('ada', 'bob'))
    const ada = await app.profileOf('ada')
    const [row] = await app.sql`select traits, provenance from profile where id = ${ada}`
    expect(row?.['traits']).toEqual({ plan: 'pro' })
    expect(row?.['provenance']).toMatchObject({ nickname: { vault: ada } })
  })
})

describe('a sealing', () => {
  const small = { profiles: 3, changes: 2, events: 2 }

  test('goes on while events come in, and the last word of each is what opens', async () => {
    await using app = await open()
    const users = Array.from({ length: 20 }, (_, n) => `user${n}`)
    const state = (round: number) =>
      app.send(
        ...users.map((user) => identify(user, { nickname: `xylograph ${round} of ${user}` })),
      )
    await state(0)
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    const flowing = (async () => {
      for (let round = 1; round <= 8; round += 1) await state(round)
    })()
    const sealing = sealAll(app, small)
    await Promise.all([flowing, sealing])
    app.clock.advance(settleMs)
    await sealAll(app, small)
    expect(await tablesWith(app, 'xylograph')).toEqual([])
    const reader = await readerOf(app, 'app', ['service'])
    for (const user of users) {
      const profile = await findProfile(reader, { by: { namespace: 'user_id', value: user } })
      const [traits = []] = profile ? await readTraits(reader, [profile]) : []
      expect(traits.map(({ value }) => value)).toEqual([`xylograph 8 of ${user}`])
    }
  })

  test('goes on where it was when it failed in the middle, and loses nothing', async () => {
    await using app = await open()
    const users = Array.from({ length: 10 }, (_, n) => `user${n}`)
    for (const user of users) {
      await app.send(identify(user, { nickname: `first ${user}` }))
      await app.send(identify(user, { nickname: `word of ${user}` }))
    }
    await define(app, { key: 'nickname', version: 1, dataClass: 'sensitive' })
    await sealOpenValues(app.board, small)
    await sealOpenValues(app.board, small)
    await app.sql.unsafe(`
      create function refuse_vault() returns trigger language plpgsql as
        $$ begin raise exception 'no' using errcode = '53100'; end $$;
      create trigger refuse before insert or update on vault for each row execute function refuse_vault()`)
    const [before] = await sealing(app)
    await expect(sealOpenValues(app.board, small)).rejects.toMatchObject({ code: 'database_full' })
    expect((await sealing(app))[0]).toEqual(before)
    await app.sql.unsafe('drop trigger refuse on vault')
    await sealAll(app, small)
    expect(await tablesWith(app, 'word of')).toEqual([])
    expect(await sealing(app)).toMatchObject([{ profiles: 10, changes: 20, events: 20 }])
    const [{ n } = { n: 0 }] = await app.sql<{ n: number }[]>`
      select count(*)::int as n from vault where key = 'trait/nickname' or key like 'change/%'`
    expect(n).toBe(30)
  })

  test('ends without a word when a later definition makes the trait open again', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'duchess' }))
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    await define(app, { key: 'nickname', version: 2, dataClass: 'none' })
    expect(await sealAll(app)).toBe(0)
    expect(await sealing(app)).toMatchObject([{ version: 2, state: 'dropped' }])
    expect(await tablesWith(app, 'duchess')).toContain('profile')
  })

  test('does nothing where nothing stands open, and nothing for a trait that stays open', async () => {
    await using app = await open()
    await app.send(identify('ada', { plan: 'pro' }))
    await define(app, { key: 'plan', version: 1, dataClass: 'none' })
    expect(await sealAll(app, batchLimits)).toBe(0)
    await define(app, { key: 'shoe_size', dataClass: 'special' })
    await sealAll(app)
    // A node that had not heard may write yet.
    expect(await sealing(app)).toMatchObject([{ key: 'shoe_size', state: 'sealing' }])
    app.clock.advance(settleMs)
    await sealAll(app)
    expect(await sealing(app)).toMatchObject([{ key: 'shoe_size', state: 'done', profiles: 0 }])
  })

  test('of one workspace leaves the others alone', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'duchess' }))
    await app.sql`insert into workspace (id, name) values (77, 'other')`
    await app.sql`
      insert into profile (workspace_id, id, canonical_id, traits, provenance, created_at, updated_at)
      select 77, id, canonical_id, traits, provenance, created_at, updated_at from profile`
    await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
    await sealAll(app)
    const rows = await app.sql`select workspace_id, traits from profile order by workspace_id`
    expect(rows.map(({ traits }) => traits)).toEqual([{}, { nickname: 'duchess' }])
  })

  test.skipIf(process.env['SLATEBOARD_TEST_ENGINE'] !== 'server')(
    // The embedded engine has one connection.
    'is done once by nodes that work on it together',
    async () => {
      await using app = await open()
      const users = Array.from({ length: 40 }, (_, n) => `user${n}`)
      await app.send(...users.map((user) => identify(user, { nickname: `word of ${user}` })))
      await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
      const work = () => sealAll(app, { profiles: 5, changes: 100, events: 100 })
      await Promise.all([work(), work(), work()])
      await work()
      expect(await tablesWith(app, 'word of')).toEqual([])
      expect(await sealing(app)).toMatchObject([{ profiles: 40, changes: 40, events: 40 }])
    },
  )
})

describe('a vaulted trait that is declared open', () => {
  const by = { namespace: 'user_id', value: 'ada' }

  async function seen(app: TestApp): Promise<{ value: unknown; withheld: string | undefined }> {
    const reader = await readerOf(app, 'app', ['analytics'])
    const profile = await findProfile(reader, { by })
    if (!profile) throw new TypeError('ada is missing')
    const [traits = []] = await readTraits(reader, [profile])
    const withheld = listRedactions(reader, profile).find(({ key }) => key === 'nickname')
    return {
      value: traits.find(({ key }) => key === 'nickname')?.value,
      withheld: withheld?.reason,
    }
  }

  test('is readable as its new class says, though the value stays sealed', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'ada@example.com' }))
    expect(await seen(app)).toMatchObject({ value: undefined })
    app.clock.advance(1)
    await define(app, { key: 'nickname', version: 1, dataClass: 'none' })
    expect(await seen(app)).toEqual({ value: 'ada@example.com', withheld: undefined })
    const [row] = await app.sql`select traits from profile`
    expect(row?.['traits']).toEqual({})
  })

  test('stays withheld while only a plugin or a guess says so', async () => {
    await using app = await open()
    await app.send(identify('ada', { nickname: 'ada@example.com' }))
    await app.sql`update trait_definition set data_class = 'none', registered = true`
    app.board.signals.send('trait')
    expect(await seen(app)).toEqual({ value: undefined, withheld: 'class_unsettled' })
    await app.sql`update trait_definition set registered = false`
    app.board.signals.send('trait')
    expect(await seen(app)).toEqual({ value: undefined, withheld: 'class_unsettled' })
  })

  test('stays withheld when it was sealed after the declaration, by a node that had not heard', async () => {
    await using app = await open()
    await define(app, { key: 'nickname', dataClass: 'none' })
    await app.send(identify('ada', { nickname: 'plain' }))
    app.clock.advance(1000)
    const sealedAt = app.clock.now().toISOString()
    const ada = await app.profileOf('ada')
    const vaulted = JSON.stringify({ nickname: { vault: ada, sealedAt, writtenAt: '2020-01-01' } })
    await app.sql`
      update profile set traits = '{}', provenance = jsonb_set(provenance, '{nickname}',
        provenance -> 'nickname' || ${vaulted}::text::jsonb -> 'nickname')`
    expect(await seen(app)).toEqual({ value: undefined, withheld: 'class_unsettled' })
  })
})

test('a random word in a random place of any event is sealed wherever it stands', async () => {
  await using app = await open()
  const word = randomBytes(8).toString('hex')
  await app.send(
    identify('ada', { nickname: { deep: [word] } }, { context: { ip: '10.0.0.1' } }),
    track('ada', 'Order', { nickname: [word], email: 'ada@example.com' }),
    identify('ada', { nickname: null }),
    identify('ada', { nickname: word }),
  )
  await define(app, { key: 'nickname', version: 1, dataClass: 'contact' })
  await sealAll(app)
  expect(await tablesWith(app, word)).toEqual([])
})
