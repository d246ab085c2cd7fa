import { describe, expect, test } from 'vitest'
import {
  continuePurge,
  purgeProfilesMax,
  purgeSettleMs,
} from '../../../core/plugin/continuePurge.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { holdingsOf } from '../../../core/plugin/removePlugin.ts'
import { alias, identify, testClock, track } from '../../support/app.ts'
import { findTexts } from '../../support/scan.ts'
import { openPlugins, type Given } from './given.ts'

/** The word that `doomed` writes, and the one that `spared` does; they stand nowhere else. */
const word = 'zanzibarite'
const other = 'xylograph'

const writing = (id: string, text: string): Given => ({
  id,
  overrides: {
    traits: [
      { key: `${id}_open`, class: 'none', purposes: ['service'] },
      { key: `${id}_sealed`, class: 'none', purposes: ['service'] },
    ],
  },
  agent: {
    triggers: { events: ['Order'] },
    reads: { traits: [`${id}_open`] },
    writes: [`${id}_open`, `${id}_sealed`],
    holds: ['marketing.promotion'],
  },
  code: `({ profile }) => done({ holds: [{ purpose: 'marketing.promotion', reason: 'held' }], writes: {
    ${id}_open: { value: '${text} open' }, ${id}_sealed: { value: '${text} sealed' } } })`,
})

const doomed = { plugin: 'doomed' }

async function openDoomed(persons = 12) {
  const clock = testClock()
  const it = await openPlugins({ clock })
  await it.put(writing('doomed', word))
  await it.put(writing('spared', other))
  const users = Array.from({ length: persons }, (_, n) => `user${n}`)
  await it.send(...users.map((user) => identify(user, { plan: 'pro' })))
  await it.send(...users.map((user) => track(user, 'Order')))
  await it.idle()
  await it.send(alias('user0', 'user1'))
  // Agents write nothing into the vault; what an officer finds to be personal later is moved there.
  for (const key of ['doomed_sealed', 'spared_sealed']) {
    const input = { key, version: 1, dataClass: 'contact', reason: 'personal after all' }
    await defineTrait(it.officer, input)
  }
  await it.idle()
  return { ...it, clock, [Symbol.asyncDispose]: () => it[Symbol.asyncDispose]() }
}
type World = Awaited<ReturnType<typeof openDoomed>>

/** Until nothing is due at this time. */
async function work(it: World, profilesMax = purgeProfilesMax): Promise<void> {
  while ((await continuePurge(it.board, profilesMax)) > 0);
}

/** Everything of everybody else: what must be the same before and after. */
const rest = async (it: World) => ({
  profiles: (
    await it.sql<{ id: string; traits: object; provenance: object }[]>`
      select id, traits - 'doomed_open' as traits,
        provenance - array['doomed_open', 'doomed_sealed'] as provenance
      from profile order by id`
  ).map((row) => ({ ...row })),
  vault: (
    await it.sql`select profile_id, key from vault
      where key <> 'trait/doomed_sealed' and key not in (select 'change/' || id from change
        where author_id like 'doomed/%') order by 1, 2`
  ).map((row) => ({ ...row })),
  changes: (
    await it.sql`select id, key from change where author_id not like 'doomed/%' order by id`
  ).map((row) => ({ ...row })),
  holds: (
    await it.sql`
      select profile_id, hold from legal_state, jsonb_array_elements(holds) as hold
      where hold ->> 'agent' not like 'doomed/%' order by 1, 2`
  ).map((row) => ({ ...row })),
  events: (await it.sql`select id from event order by id`).map((row) => ({ ...row })),
  definitions: (
    await it.sql`select key, version, owner, registered from trait_definition
      where key not like 'doomed%' order by key`
  ).map((row) => ({ ...row })),
  versions: (await it.sql`select digest from plugin_version where plugin_id <> 'doomed'`).map(
    (row) => ({ ...row }),
  ),
})

describe('purging', () => {
  test('counts exactly before, deletes exactly that, and leaves nothing behind but the tombstone and the record', async () => {
    await using it = await openDoomed()
    await it.actions.pausePlugin(it.admin, doomed)
    await it.send(track('user2', 'Order'))
    await it.idle()
    expect(await findTexts(it.sql, [word])).not.toEqual([])
    const sealed = await it.sql`select from vault where key = 'trait/doomed_sealed'`
    expect(sealed.length).toBeGreaterThanOrEqual(11)
    const before = await rest(it)
    const counted = await holdingsOf(it.admin, 'doomed')
    expect(counted).toMatchObject({
      versions: 1,
      subscriptions: 1,
      reactions: 1,
      traits: ['doomed_open', 'doomed_sealed'],
    })
    const { profiles, values, changes, holds } = counted
    for (const number of [profiles, values, changes, holds]) {
      expect(number).toBeGreaterThanOrEqual(11)
    }
    const { deletes } = await it.actions.purgePlugin(it.admin, doomed)
    expect(deletes).toEqual({ ...counted, subscriptions: 1 })
    await it.idle()
    // What runs on other nodes may still be needed there until the end.
    expect(await findTexts(it.sql, [word])).toEqual([`plugin_version.bundle: ${word}`])
    it.clock.advance(purgeSettleMs)
    await it.idle()
    expect(await findTexts(it.sql, [word])).toEqual([])
    expect(await it.plugin('doomed')).toMatchObject({
      state: 'purged',
      current: null,
      versions: 0,
      waiting: 0,
      purge: { state: 'done', profiles, values, changes, holds, reactions: 1 },
    })
    expect(await holdingsOf(it.admin, 'doomed')).toEqual({
      versions: 0,
      subscriptions: 0,
      reactions: 0,
      traits: [],
      profiles: 0,
      values: 0,
      changes: 0,
      holds: 0,
      states: 0,
      keys: 0,
      secrets: 0,
    })
    expect(await rest(it)).toEqual(before)
    // Its name is left in what tells of the past, and nowhere else.
    const named = (await findTexts(it.sql, ['doomed'])).map((place) => place.split(':')[0])
    expect(named.filter((place) => !past.has(place ?? ''))).toEqual([])
  })

  test('goes on where it was when a batch fails in the middle, and deletes each thing once', async () => {
    await using it = await openDoomed()
    const { profiles, values, changes, holds } = await holdingsOf(it.admin, 'doomed')
    await it.flow?.[Symbol.asyncDispose]()
    await it.actions.purgePlugin(it.admin, doomed)
    await continuePurge(it.board, 3)
    await it.sql.unsafe(`
      create function refuse_vault() returns trigger language plpgsql as
        $$ begin raise exception 'no' using errcode = '53100'; end $$;
      create trigger refuse before delete on vault for each row execute function refuse_vault()`)
    const progress = async () => ({ ...(await it.sql`select * from plugin_purge`)[0] })
    const before = await progress()
    await expect(continuePurge(it.board, 3)).rejects.toMatchObject({ code: 'database_full' })
    expect(await progress()).toEqual(before)
    await it.sql.unsafe('drop trigger refuse on vault')
    await work(it, 3)
    it.clock.advance(purgeSettleMs)
    await work(it, 3)
    expect(await it.plugin('doomed')).toMatchObject({
      state: 'purged',
      purge: { profiles, values, changes, holds },
    })
    expect(await findTexts(it.sql, [word])).toEqual([])
  })

  test('finds what a node that had not heard of it wrote behind the first pass', async () => {
    await using it = await openDoomed(3)
    await it.flow?.[Symbol.asyncDispose]()
    await it.actions.purgePlugin(it.admin, doomed)
    await work(it)
    const late = JSON.stringify({
      doomed_open: { author: { kind: 'agent', id: 'doomed/probe' }, revision: 9, writtenAt: '' },
    })
    await it.sql`
      update profile set traits = traits || ${JSON.stringify({ doomed_open: word })}::text::jsonb,
        provenance = provenance || ${late}::text::jsonb`
    it.clock.advance(purgeSettleMs - 1)
    expect(await continuePurge(it.board)).toBe(0)
    it.clock.advance(1)
    await work(it)
    expect(await findTexts(it.sql, [word])).toEqual([])
    expect(await it.plugin('doomed')).toMatchObject({ state: 'purged' })
  })

  test('keeps a value of its trait that somebody else stated before', async () => {
    await using it = await openPlugins({ clock: testClock(), works: false })
    await it.send(identify('ada', { counted: 40 }))
    await it.put()
    await it.actions.purgePlugin(it.admin, { plugin: 'probe' })
    while ((await continuePurge(it.board)) > 0);
    const [row] = await it.sql`select traits from profile`
    expect(row?.['traits']).toEqual({ counted: 40 })
  })

  test('lets the plugin come back as a stranger, once it is over and not before', async () => {
    await using it = await openDoomed(2)
    await it.actions.purgePlugin(it.admin, doomed)
    await expect(it.put(writing('doomed', word))).rejects.toMatchObject({
      code: 'plugin_being_purged',
    })
    await expect(it.actions.purgePlugin(it.admin, doomed)).rejects.toMatchObject({
      code: 'plugin_being_purged',
    })
    await it.idle()
    it.clock.advance(purgeSettleMs)
    await it.idle()
    await expect(it.actions.purgePlugin(it.admin, doomed)).rejects.toMatchObject({
      code: 'plugin_not_found',
    })
    await it.put(writing('doomed', word))
    await it.send(track('user0', 'Order'))
    await it.idle()
    expect(await it.plugin('doomed')).toMatchObject({ state: 'active', waiting: 0 })
    expect(await holdingsOf(it.admin, 'doomed')).toMatchObject({ profiles: 1, values: 2 })
  })

  test('is for administrators', async () => {
    await using it = await openPlugins({ works: false })
    await it.put()
    await expect(it.actions.purgePlugin(it.officer, { plugin: 'probe' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await it.plugin()).toMatchObject({ state: 'active' })
  })
})

/** Columns in which a purged plugin is still named, and why that stays. */
const past: ReadonlySet<string> = new Set([
  // The tombstone, and how much was deleted.
  'plugin.id',
  'plugin_purge.plugin_id',
  // Acts that nobody may change.
  'audit_inbox.actor',
  'audit_inbox.object',
  'audit_inbox.payload',
  'audit_entry.actor',
  'audit_entry.object',
  'audit_entry.payload',
  // Which kinds of data were used, by whom: a count a day.
  'observed_access.actor',
  'observed_access.object',
  // How persons stood at a version of their standing, which decisions rest on.
  'legal_state_version.holds',
  // That the trait was defined, and is not any more.
  'trait_definition.key',
  'trait_definition_version.key',
  'trait_definition_version.owner',
  'trait_definition_version.author',
  'trait_definition_version.reason',
  'trait_sealing.key',
])
