import { expect, test } from 'vitest'
import { dropReactions, releaseReactions } from '../../../core/admin/changeReactions.ts'
import { runAgent } from '../../../core/admin/runAgent.ts'
import { findReaction } from '../../../core/read/listReactions.ts'
import { pausePlugin } from '../../../core/plugin/pausePlugin.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import type { PolicyDocument } from '../../../core/model/policy.ts'
import type { ParkedReason } from '../../../core/model/reaction.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { identify, openTestApp, type TestApp } from '../../support/app.ts'
import { probePackage } from '../../support/probeHost.ts'
import { readerOf } from '../../support/readerOf.ts'
import { erase } from '../subject/given.ts'

const agent = 'probe/probe'
/** Writes what it was woken by, so that a test sees that it ran. */
const tellCauses = `({ causes }) => write(causes.map(({ kind }) => kind).join(' '))`

async function install(app: TestApp, parts: JsonObject = {}, handler = tellCauses): Promise<void> {
  const traits = [{ key: 'probe', class: 'none', purposes: ['service'] }]
  const manifest = { triggers: { events: ['Order'] }, purpose: 'service', ...parts }
  const pkg = await probePackage(handler, manifest, 'probe', traits)
  await app.registry.install(app.workspaceId, pkg, 'test')
}

interface Row {
  profileId: string
  parked?: ParkedReason
  agent?: string
  trail?: string
  hop?: number
  workspaceId?: number
  leaseOwner?: string
  dueAt?: Date
}

const put = (app: TestApp, row: Row) => {
  const { profileId, parked = null, trail = '', hop = 0, leaseOwner = null, dueAt = null } = row
  const rank = parked === null && dueAt === null ? -50 : null
  return app.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, rank, parked, causes, hop, trail, attempts,
      last_error, lease_owner, due_at, enqueued_at)
    values (${row.workspaceId ?? app.workspaceId}, ${profileId}, ${row.agent ?? agent}, 50, ${rank}, ${parked},
      '{m:01C}', ${hop}, ${trail}, 6, 'plugin_threw', ${leaseOwner}, ${dueAt}, now())`
}

const left = async (app: TestApp) =>
  (
    await app.sql<{ name: string }[]>`
      select profile_id || ' ' || agent || ' ' || coalesce(parked, 'none') as name from agenda order by 1`
  ).map(({ name }) => name)

const written = async (app: TestApp, id: string): Promise<unknown> => {
  const [row] = await app.sql`select traits ->> 'probe' as probe from profile where id = ${id}`
  return row?.['probe']
}

const acts = (app: TestApp, action: string) => app.sql`
  select actor, object, payload::jsonb as payload from audit_inbox where action = ${action} order by id`

const chain = Array.from({ length: 4 }, () => agent).join(' ')

test.each([
  { parked: 'dead' },
  { parked: 'halted' },
  { parked: 'stale' },
  { parked: 'loop', trail: chain, hop: 17 },
] as const)('a released reaction runs again, parked as $parked', async (given) => {
  await using app = await openTestApp()
  await install(app)
  await app.send(identify('ada'))
  const profileId = await app.profileOf('ada')
  await put(app, { profileId, ...given })
  await app.idle()
  expect(await written(app, profileId)).toBeNull()
  const reader = await readerOf(app, 'admin')
  expect(await releaseReactions(reader, { keys: [{ profileId, agent }] })).toBe(1)
  await app.idle()
  expect(await written(app, profileId)).toBe('manual')
  expect(await left(app)).toEqual([])
})

test('one that was in a ring begins a chain of its own, what it wakes included', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  await put(app, { profileId: '01A', parked: 'loop', trail: chain, hop: 17 })
  await put(app, { profileId: '01B', parked: 'dead', trail: 'a/one', hop: 1 })
  expect(await releaseReactions(await readerOf(app, 'admin'), { agent })).toBe(2)
  const rows = await app.sql`
    select profile_id, hop, trail, attempts, rank, parked from agenda order by profile_id`
  const free = { attempts: 0, rank: -50, parked: null }
  expect(rows).toEqual([
    { profile_id: '01A', hop: 0, trail: '', ...free },
    { profile_id: '01B', hop: 1, trail: 'a/one', ...free },
  ])
})

test('releases and drops what is meant, and leaves what runs, other agents and other workspaces', async () => {
  await using app = await openTestApp({ works: false })
  await put(app, { profileId: '01A', parked: 'dead' })
  await put(app, { profileId: '01B', parked: 'halted' })
  await put(app, { profileId: '01C' })
  await put(app, { profileId: '01D', dueAt: new Date() })
  await put(app, { profileId: '01E', leaseOwner: 'w' })
  await put(app, { profileId: '01F', parked: 'loop', leaseOwner: 'w' })
  await put(app, { profileId: '01G', parked: 'dead', agent: 'other/agent' })
  await put(app, { profileId: '01H', parked: 'dead', workspaceId: 9 })
  const counted: unknown[] = []
  app.board.signals.onCount((one) => counted.push(one))
  const reader = await readerOf(app, 'admin')
  expect(await releaseReactions(reader, { agent, parked: 'dead' })).toBe(1)
  // What is not parked is passed over.
  const running = { keys: ['01C', '01D', '01E', '01F'].map((profileId) => ({ profileId, agent })) }
  expect(await releaseReactions(reader, running)).toBe(0)
  expect(await dropReactions(reader, { agent, reason: 'too old' })).toBe(4)
  expect(await dropReactions(reader, { ...running, reason: 'too old' })).toBe(0)
  expect(await left(app)).toEqual([
    '01E probe/probe none',
    '01F probe/probe loop',
    '01G other/agent dead',
    '01H probe/probe dead',
  ])
  const actor = 'principal:admin'
  const object = `agent:${agent}`
  expect(await acts(app, 'reaction.release')).toEqual([{ actor, object, payload: { dead: 1 } }])
  expect(await acts(app, 'reaction.drop')).toEqual([
    { actor, object, payload: { reason: 'too old', halted: 1, pending: 2, snoozed: 1 } },
  ])
  expect(counted).toEqual([
    { what: 'agenda', act: 'released', reason: 'dead', count: 1 },
    { what: 'agenda', act: 'dropped', reason: 'pending', count: 2 },
    { what: 'agenda', act: 'dropped', reason: 'halted', count: 1 },
    { what: 'agenda', act: 'dropped', reason: 'snoozed', count: 1 },
  ])
  const metrics = await app.metrics.registry.metrics()
  expect(metrics).toContain('slateboard_reactions_by_hand_total{act="dropped",reason="pending"} 2')
  expect(metrics).toContain('slateboard_agenda_reactions{state="parked",reason="dead"} 2')
  expect(metrics).toContain('slateboard_agenda_reactions{state="parked",reason="stale"} 0')
  expect(metrics).toContain('slateboard_agenda_reactions{state="running",reason=""} 2')
})

test('goes over more than one transaction changes', async () => {
  await using app = await openTestApp({ works: false })
  await app.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, parked, causes, hop, enqueued_at)
    select ${app.workspaceId}, '01' || n, ${agent}, 50, 'dead', '{m:1}', 0, now()
    from generate_series(1, 10001) as n`
  const reader = await readerOf(app, 'admin')
  expect(await releaseReactions(reader, { parked: 'dead' })).toBe(10_001)
  expect(await dropReactions(reader, { agent, reason: 'test' })).toBe(10_001)
  expect(await acts(app, 'reaction.drop')).toHaveLength(3)
})

test('takes neither everything nor nothing, nor a drop without a reason (refused)', async () => {
  await using app = await openTestApp({ works: false })
  await put(app, { profileId: '01A', parked: 'dead' })
  const reader = await readerOf(app, 'admin')
  const keys = [{ profileId: '01A', agent }]
  for (const input of [{}, { keys: [] }, { keys, agent }, { parked: 'gone' }]) {
    await expect(releaseReactions(reader, input)).rejects.toMatchObject({ code: 'bad_input' })
  }
  for (const input of [{ keys }, { keys, reason: ' ' }, { reason: 'all' }]) {
    await expect(dropReactions(reader, input)).rejects.toMatchObject({ code: 'bad_input' })
  }
  expect(await left(app)).toEqual(['01A probe/probe dead'])
})

test('is for who may administer plugins (others refused)', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  await app.send(identify('ada'))
  await put(app, { profileId: '01A', parked: 'dead' })
  const by = { namespace: 'user_id', value: 'ada' }
  for (const role of ['operator', 'officer', 'auditor', 'app', 'metrics'] as const) {
    const reader = await readerOf(app, role)
    const refusal = { code: 'forbidden' }
    await expect(releaseReactions(reader, { agent })).rejects.toMatchObject(refusal)
    await expect(dropReactions(reader, { agent, reason: 'x' })).rejects.toMatchObject(refusal)
    await expect(runAgent(reader, { agent, by })).rejects.toMatchObject(refusal)
  }
  expect(await left(app)).toEqual(['01A probe/probe dead'])
})

const ada = { namespace: 'user_id', value: 'ada' }

test('an agent that is run by hand is handed a manual cause, by its own priority, and that goes on record', async () => {
  await using app = await openTestApp()
  await install(app, {
    priority: 70,
    rating: { trait: 'worth' },
    reads: { traits: ['worth'] },
    deadlineMs: 60_000,
  })
  await app.send(identify('ada', { worth: 0.5 }))
  const profileId = await app.profileOf('ada')
  const reader = await readerOf(app, 'admin')
  expect(await runAgent(reader, { agent, by: ada })).toEqual({ profileId, agent })
  await app.idle()
  expect(await written(app, profileId)).toBe('manual')
  const [entry] = await app.sql`
    select actor, action, object from audit_entry where action = 'reaction.run_by_hand'`
  expect(entry).toEqual({
    actor: 'principal:admin',
    action: 'reaction.run_by_hand',
    object: `profile:${profileId}`,
  })
})

test('a pending reaction takes the manual cause up with its trace, a dead one goes on, a halted one stays', async () => {
  await using app = await openTestApp({ works: false })
  await install(app, {
    priority: 70,
    rating: { trait: 'worth' },
    reads: { traits: ['worth'] },
    deadlineMs: 60_000,
  })
  await app.send(identify('ada', { worth: 0.5 }), identify('bob'), identify('eve'))
  const [adaId, bobId, eveId] = await Promise.all(['ada', 'bob', 'eve'].map(app.profileOf))
  await put(app, { profileId: bobId ?? '', parked: 'dead' })
  await put(app, { profileId: eveId ?? '', parked: 'halted' })
  const reader = await readerOf(app, 'admin')
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  for (const value of ['ada', 'ada', 'bob', 'eve']) {
    const by = { namespace: 'user_id', value }
    await runAgent(reader, { agent, by }, `00-${traceId}-b7ad6b7169203331-01`)
  }
  expect(await findReaction(reader, { profileId: adaId ?? '', agent })).toMatchObject({
    traceId,
    causes: [{ kind: 'manual', count: 2 }],
  })
  const standing = async (id = '') => {
    const [row] = await app.sql`
      select cardinality(causes) as causes, rank, parked, attempts, rating, deadline < 'infinity' as hurries
      from agenda where profile_id = ${id}`
    return { ...row }
  }
  const first = { parked: null, attempts: 0, hurries: true }
  expect(await standing(adaId)).toEqual({ ...first, causes: 2, rank: -70, rating: 0.5 })
  expect(await standing(bobId)).toEqual({ ...first, causes: 2, rank: -70, rating: 0 })
  expect(await standing(eveId)).toMatchObject({ causes: 2, rank: null, parked: 'halted' })
})

test('an agent is run neither when it is unknown nor when its plugin is paused (refused)', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  await app.send(identify('ada'))
  const reader = await readerOf(app, 'admin')
  const run = (given: object) => runAgent(reader, { agent, by: ada, ...given })
  for (const unknown of ['probe/other', 'other/probe', 'probe', 'probe/probe/x']) {
    await expect(run({ agent: unknown })).rejects.toMatchObject({ code: 'agent_not_in_service' })
  }
  const by = { namespace: 'user_id', value: 'nobody' }
  await expect(run({ by })).rejects.toMatchObject({ code: 'unknown_subject' })
  await pausePlugin(reader, app.registry, { plugin: 'probe' })
  const paused = { code: 'agent_not_running', values: { state: 'paused' } }
  await expect(run({})).rejects.toMatchObject(paused)
  expect(await left(app)).toEqual([])
})

test('nobody is run an agent for who was erased (refused)', async () => {
  await using app = await openTestApp({ works: false })
  await install(app)
  await app.send(identify('ada'))
  const profileId = await app.profileOf('ada')
  await erase(app, profileId)
  await expect(runAgent(await readerOf(app, 'admin'), { agent, by: ada })).rejects.toMatchObject({
    code: 'unknown_subject',
  })
  expect(await left(app)).toEqual([])
})

const hides: PolicyDocument['rules'][number] = {
  id: 'restricted-is-hidden',
  sentence: 'Agents see nothing of restricted persons.',
  effect: 'forbid',
  agents: ['*'],
  action: 'read',
  subject: 'Profile',
  purposes: ['*'],
  fields: ['class:none', 'class:pseudonymous'],
  when: { restricted: true },
  reason: 'restricted',
}

test('what a restriction hides from an agent it does not see by hand either', async () => {
  await using app = await openTestApp()
  const tellMode = `({ profile }) => write(profile.traits.mode?.value ?? 'nothing')`
  await install(app, {}, tellMode)
  await app.send(identify('ada', { mode: 'shown' }))
  const profileId = await app.profileOf('ada')
  const reader = await readerOf(app, 'admin')
  await runAgent(reader, { agent, by: ada })
  await app.idle()
  expect(await written(app, profileId)).toBe('shown')
  await app.sql`update profile set traits = traits - 'probe' where id = ${profileId}`
  const { document } = shippedPolicy()
  await activatePolicy(app, { ...document, rules: [...document.rules, hides] }, 2)
  app.board.signals.send('policy')
  await app.sql`
    insert into legal_state (workspace_id, profile_id, restricted, updated_at)
    values (${app.workspaceId}, ${profileId}, true, now())
    on conflict (workspace_id, profile_id) do update set restricted = true`
  await runAgent(reader, { agent, by: ada })
  await app.idle()
  expect(await written(app, profileId)).toBe('nothing')
})
