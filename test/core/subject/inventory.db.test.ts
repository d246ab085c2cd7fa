import { expect, test } from 'vitest'
import { openOutward } from '../../support/outward.ts'
import { erase, lifeOf, planted } from './given.ts'

/**
 * What erasure does with each table. `gone`: no row of the person is left. `blanked`: rows stay as evidence without
 * what told of the person. `bare`: rows never told anything of a person, and the reason why.
 *
 * A table that is not here fails: whoever adds one says here what becomes of it, and sees to it in core/subject.
 */
const inventory: Readonly<Record<string, 'gone' | 'blanked' | `bare: ${string}`>> = {
  event: 'gone',
  change: 'gone',
  vault: 'gone',
  profile_key: 'gone',
  agenda: 'gone',
  profile_state: 'gone',
  trait_conflict: 'gone',
  intent: 'gone',
  consent_current: 'gone',
  consent_pending: 'gone',
  consent_conflict: 'gone',
  identifier: 'gone',
  edge: 'gone',
  disowned: 'gone',
  message: 'gone',
  profile: 'blanked',
  legal_state: 'blanked',
  activation: 'blanked',
  decision: 'blanked',
  consent_event: 'blanked',
  activation_approval: 'blanked',
  legal_state_version: 'blanked',
  decision_setting: 'bare: purposes, channels and notices',
  follow_up: 'bare: ids, and the address of a recipient who is still to be told',
  retention: 'bare: names of traits and of reasons; what is kept is sealed under its own id',
  tombstone: 'bare: blind indexes',
  erasure_receipt: 'bare: counts and digests',
  audit_inbox: 'bare: ids, keys, counts and codes',
  audit_entry: 'bare: ids, keys, counts and codes',
  audit_checkpoint: 'bare: hashes',

  circuit: 'bare: hosts',
  objective: 'bare: numbers of all profiles, and the words of who set it',
  task: 'bare: steps toward objectives, which see no person',
  objective_waking: 'bare: names of agents; how far they are woken, for a moment',
  budget: 'bare: sums',
  budget_entry: 'bare: amounts, and ids of what they were for',
  observed_access: 'bare: names of traits and counts',
  plugin: 'bare: what is installed',
  plugin_version: 'bare: what is installed',
  plugin_config_version: 'bare: what operators set',
  plugin_secret: 'bare: keys of receivers',
  plugin_state: 'bare: what plugins keep for themselves, whatever the person',
  state_migration: 'bare: counts, and how far it is by profile id',
  plugin_approval: 'bare: who agreed to what plugins may do',
  plugin_publisher: 'bare: public keys of publishers',
  plugin_trust: 'bare: which publishers are trusted for what',
  plugin_purge: 'bare: counts',
  plugin_rollout: 'bare: counts, shares and who began it',
  agent_weight: 'bare: whose turn comes earlier, and why',
  agent_outcome: 'bare: sums over tasks, by agent',
  schedule: 'bare: times of agents; how far an occurrence got, for a moment',
  plugin_health: 'bare: counts, codes and ids; what plugins say is masked',
  policy_approval: 'bare: words of officers about rules',
  policy_enactment: 'bare: words of officers about rules',
  policy_shadow_count: 'bare: counts',
  policy_simulation: 'bare: counts, and profile ids as examples',
  policy_version: 'bare: words of officers about rules',
  principal: 'bare: who uses the platform',
  purpose: 'bare: what data is used for',
  source: 'bare: where events come from',
  open_dsr_key: 'bare: a key of the installation',
  subject_request: 'bare: that something was asked and how it was answered; profiles by id',
  subject_request_event: 'bare: codes, counts and ids',
  subject_request_callback: 'bare: addresses of controllers',
  subject_request_listener: 'bare: addresses of controllers',
  subscription: 'bare: which agents are woken',
  trait_definition: 'bare: what traits there are',
  trait_definition_version: 'bare: what traits there are',
  trait_sealing: 'bare: counts',
  notice: 'bare: texts for everybody',
  consent_mapping: 'bare: what ids of other platforms mean',
  receipt_key: 'bare: public keys of other platforms',
  worker: 'bare: processes',
  workspace: 'bare: the tenant',
  slateboard_migration: 'bare: the schema',
}

test('there is no table that erasure does not know', async () => {
  await using out = await openOutward()
  const rows = await out.app.sql<{ name: string }[]>`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition`
  expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(inventory).toSorted())
})

test('of a legal state nothing is left but that the person was erased', async () => {
  await using out = await openOutward()
  const { app } = out
  await app.send(...lifeOf())
  const ada = await app.profileOf(planted.userId)
  await app.sql`
    insert into legal_state (workspace_id, profile_id, restricted, objections, holds, gpc, minor_band,
      jurisdiction, age_claims, updated_at)
    values (${app.workspaceId}, ${ada}, true, '{marketing}', '[{"purpose": "x", "agent": "a"}]', true,
      'child', 'DE', '[{"by": "x"}]', now()),
      (${app.workspaceId}, 'untouched', default, default, default, default, default, default, default,
        now())`
  await erase(app, ada)
  const read = async (id: string) => {
    const [row] = await app.sql`select * from legal_state where profile_id = ${id}`
    const { profile_id: _, version: __, erased_at: at, updated_at: ___, ...standing } = row ?? {}
    return { standing, isErased: at !== null }
  }
  const { standing } = await read('untouched')
  expect(Object.keys(standing).length).toBeGreaterThan(7)
  expect(await read(ada)).toEqual({ standing, isErased: true })
})

test('every table that was to lose its rows about a person has lost them', async () => {
  await using out = await openOutward()
  const { app } = out
  await app.install('count')
  await app.send(...lifeOf())
  await out.say(planted.userId, 'granted')
  await out.propose(planted.userId, { content: { text: planted.content } })
  const ada = await app.profileOf(planted.userId)
  await app.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, causes, hop, enqueued_at)
    values (${app.workspaceId}, ${ada}, 'count/tally', 1, '{}', 0, now()) on conflict do nothing`
  await app.sql`
    insert into consent_pending (workspace_id, profile_id, purpose, channel, consent_id, requested_at, expires_at)
    values (${app.workspaceId}, ${ada}, 'analytics', '*', 'x', now(), now() + interval '1 day')`
  await app.sql`
    insert into consent_conflict (workspace_id, profile_id, grant_id, refusal_id, purpose, channel, found_at)
    values (${app.workspaceId}, ${ada}, 'x', 'y', 'analytics', '*', now())`
  await app.sql`
    insert into disowned (workspace_id, profile_id, namespace, hash, request_id, at)
    values (${app.workspaceId}, ${ada}, 'email', gen_random_uuid(), 'x', now())`
  await app.sql`
    insert into profile_state (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
    values (${app.workspaceId}, ${ada}, 'count', 1, 1, '{"seen": "x"}', 12, now())`
  await app.sql`
    insert into trait_conflict (workspace_id, profile_id, id, trait, rule, winner_kind, winner, loser, value,
      confidence, winner_confidence, revision, state, found_at, at)
    values (${app.workspaceId}, ${ada}, 'x', 'tier', 'latest', 'agent', 'a/a', 'b/b', '"gold"', 1, 1, 1, 'settled',
      now(), now())`
  await app.sql`
    insert into intent (workspace_id, profile_id, id, agent, kind, resource, state, cause, hop, trail, announced_at,
      closes_at, due_at)
    values (${app.workspaceId}, ${ada}, 'x', 'a/a', 'spend', 'r', 'open', 'm:x', 0, '', now(), 'infinity', 'infinity')`
  const members = (
    await app.sql<{ id: string }[]>`select id from profile where canonical_id = ${ada}`
  ).map(({ id }) => id)
  const counts = async (): Promise<Map<string, number>> => {
    const found = new Map<string, number>()
    for (const [table, fate] of Object.entries(inventory)) {
      if (fate !== 'gone') continue
      const isPersonal = table !== 'edge' && table !== 'message'
      const [row] = await app.sql<{ n: number }[]>`
        select count(*)::int as n from ${app.sql(table)}
        ${isPersonal ? app.sql`where profile_id = any(${members})` : app.sql``}`
      found.set(table, row?.n ?? 0)
    }
    return found
  }
  const before = await counts()
  expect([...before].filter(([, n]) => n === 0)).toEqual([])
  const { deleted } = await erase(app, ada)
  expect([...(await counts())].filter(([, n]) => n > 0)).toEqual([])
  // The receipt says of each table what was there.
  expect(deleted).toEqual(Object.fromEntries(before))
})
