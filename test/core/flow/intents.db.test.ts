import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveIntent } from '../../../core/admin/resolveIntent.ts'
import { vetoIntents } from '../../../blackboard/query/vetoIntents.ts'
import { transact } from '../../../blackboard/transact.ts'
import { closeIntents, holdPersons } from '../../../core/flow/intents.ts'
import { readPackage } from '../../../core/host/package.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { listIntents } from '../../../core/read/listIntents.ts'
import { alias, openTestApp, testClock, track, type TestApp } from '../../support/app.ts'
import { openReceiver, type Receiver } from '../../support/receiver.ts'
import { pluginFolder, pluginManifest } from '../../support/pluginFolder.ts'
import { readerOf } from '../../support/readerOf.ts'

let app: TestApp
let receiver: Receiver
const clock = testClock()

/** What it is told of intents goes onto a list; its event has it announce, or veto what it was told of. */
const announcer = `({ profile, causes }) => {
  const heard = causes.filter(({ kind }) => kind === 'intent').map(({ state, agent, intent, direction, resource }) =>
    [state, agent, intent, direction, resource].join(' '))
  const said = causes.findLast(({ kind }) => kind === 'event')?.properties
  return done({
    ...(heard.length > 0 ? { writes: { [KEY]: { value: [...(profile.traits[KEY]?.value ?? []), ...heard] } } } : {}),
    ...(said ? { intents: [said.intent] } : {}),
  })
}`
const vetoer = `({ profile, causes }) => {
  const open = causes.filter(({ kind, state }) => kind === 'intent' && state === 'open')
  return done({ vetoes: profile.traits.mode?.value === 'strict'
    ? open.map(({ id }) => ({ intent: id, reason: 'too much' })) : [] })
}`

async function install(id: string, agent: JsonObject, code: string): Promise<void> {
  const key = `heard_${id.replaceAll('-', '_')}`
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      id,
      traits: [{ key, class: 'none', purposes: ['marketing'] }],
      network: [
        {
          host: '127.0.0.1',
          methods: ['POST'],
          purpose: 'marketing.promotion',
          reason: 'to tell the shop',
        },
      ],
      agents: [{ id: 'act', purpose: 'marketing', writes: [key], ...agent }],
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      const KEY = '${key}'
      export default definePlugin({ agents: { act: ${code} } })`,
  })
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
}

const announces = (id: string) => ({
  triggers: { events: [id] },
  reads: { traits: [`heard_${id}`], events: { [id]: ['intent'] } },
  announces: [{ kind: 'spend' }],
  proposes: [{ purpose: 'marketing.promotion', channels: ['webhook'] }],
})

beforeAll(async () => {
  receiver = await openReceiver()
  app = await openTestApp({ clock, worker: { pollMs: 50, sweepMs: 50 } })
  await install('more', announces('more'), announcer)
  await install('less', announces('less'), announcer)
  const watch = { triggers: { intents: ['spend'] }, reads: { traits: ['mode'] } }
  await install('guard', { ...watch, vetoes: ['spend'], writes: [] }, vetoer)
  await install('timid', { ...watch, vetoes: ['other'], writes: [] }, vetoer)
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
})

const windowMs = 60_000
const promotion = () => ({
  purpose: 'marketing.promotion',
  channel: 'webhook',
  destination: `${receiver.url}/hook`,
})

/** Has an agent announce that it spends more or less on somebody. */
async function announce(user: string, agent: 'more' | 'less', more: JsonObject = {}) {
  const direction = agent === 'more' ? 'up' : 'down'
  const intent = { kind: 'spend', resource: 'channel:email', direction, windowMs, ...more }
  await app.send(track(user, agent, { intent }))
  await app.idle()
}

async function pass(): Promise<void> {
  clock.advance(windowMs + 1000)
  await app.idle()
}

async function intentsOf(user: string) {
  return app.sql`
    select i.agent, i.state, i.vetoed_by as "vetoedBy", i.veto_reason as reason, a.state as sent,
      d.reason as decided
    from intent i join profile p on p.id = i.profile_id
    left join activation a on a.id = i.activation_id left join decision d on d.activation_id = a.id
      and d.id = a.decision_id
    where p.canonical_id = ${await app.profileOf(user)} order by i.id`
}

async function heard(user: string, agent: string): Promise<unknown> {
  const id = await app.profileOf(user)
  const [row] =
    await app.sql`select traits -> ${`heard_${agent}`} as heard from profile where id = ${id}`
  return row?.['heard']
}

describe('what an agent announces', () => {
  test('goes before the gate once its window has closed and nobody said no, and not before', async () => {
    await announce('ada', 'more', { activation: promotion() })
    expect(await intentsOf('ada')).toMatchObject([{ state: 'open', sent: null }])
    await pass()
    // Nobody asked the person: what is carried out is decided like everything else.
    expect(await intentsOf('ada')).toMatchObject([
      { state: 'carried', sent: 'refused', decided: 'no_consent' },
    ])
    expect(await heard('ada', 'more')).toEqual(['carried more/act spend up channel:email'])
  })

  test('is never done when another vetoes it, who may', async () => {
    await app.send(track('bea', 'x'), {
      ...track('bea', ''),
      type: 'identify',
      traits: { mode: 'strict' },
    })
    await announce('bea', 'more', { activation: promotion() })
    await pass()
    expect(await intentsOf('bea')).toMatchObject([
      { state: 'vetoed', vetoedBy: 'guard/act', reason: 'too much', sent: null },
    ])
    expect(await heard('bea', 'more')).toEqual(['vetoed more/act spend up channel:email'])
  })

  test('is undeclared where the manifest says nothing of it (refused)', async () => {
    await announce('cleo', 'more', { kind: 'other' })
    const [row] = await app.sql`
      select last_error from agenda where profile_id = ${await app.profileOf('cleo')} and agent = 'more/act'`
    expect(row).toMatchObject({ last_error: 'effect_not_declared' })
    expect(await intentsOf('cleo')).toEqual([])
  })

  test('is taken back by what the same agent announces anew', async () => {
    await announce('dan', 'more')
    await announce('dan', 'more', { direction: 'down' })
    await pass()
    expect(await intentsOf('dan')).toMatchObject([{ state: 'lapsed' }, { state: 'carried' }])
  })

  test('is refused by the gate when consent was withdrawn before the window closed', async () => {
    const { profileOf } = app
    const consent = async (decision: 'granted' | 'withdrawn') => {
      const subject = { namespace: 'user_id', value: 'fay' }
      const purpose = 'marketing.promotion'
      const { recordConsent } = await import('../../../core/flow/recordConsent.ts')
      const { consentInputSchema } = await import('../../../core/model/consent.ts')
      const input = consentInputSchema.parse({
        subject,
        purpose,
        channel: 'webhook',
        decision,
        proof: { method: 'form' },
      })
      await recordConsent(app.board, app.intake, app.workspaceId, 'principal:x', input)
    }
    await app.send(track('fay', 'x'))
    await profileOf('fay')
    await consent('granted')
    await announce('fay', 'more', { activation: promotion() })
    await pass()
    await announce('fay', 'more', { activation: promotion() })
    await consent('withdrawn')
    await pass()
    expect(await intentsOf('fay')).toMatchObject([
      { state: 'carried', sent: 'sent' },
      { state: 'carried', sent: 'refused', decided: 'consent_withdrawn' },
    ])
  })
})

describe('opposite intents', () => {
  const listed = async (user: string) => {
    const admin = await readerOf(app, 'admin', ['marketing'])
    const { items } = await listIntents(admin, { state: 'conflicted' }, { first: 100 })
    const rows =
      await app.sql`select id from profile where canonical_id = ${await app.profileOf(user)}`
    return items.filter(({ profileId }) => rows.some(({ id }) => id === profileId))
  }

  test('are carried out neither, until a person chooses one', async () => {
    await announce('gil', 'more', { activation: promotion() })
    await announce('gil', 'less')
    await pass()
    expect(await intentsOf('gil')).toMatchObject([
      { state: 'conflicted', sent: null },
      { state: 'conflicted' },
    ])
    const [less, more] = await listed('gil')
    if (!less || !more) throw new TypeError('nothing waits')
    expect(less.opposes).toBe(more.id)
    const auditor = await readerOf(app, 'auditor')
    await expect(resolveIntent(auditor, more, 'carry')).rejects.toMatchObject({ code: 'forbidden' })
    const officer = await readerOf(app, 'admin', ['marketing'])
    await resolveIntent(officer, more, 'carry')
    await app.idle()
    expect(await intentsOf('gil')).toMatchObject([
      { state: 'carried', sent: 'refused' },
      { state: 'lapsed' },
    ])
    expect(await heard('gil', 'less')).toEqual([
      'conflicted less/act spend down channel:email',
      'lapsed less/act spend down channel:email',
    ])
    await expect(resolveIntent(officer, less, 'carry')).rejects.toMatchObject({
      code: 'intent_not_conflicted',
    })
  })

  test('of different things, or that go the same way, are none', async () => {
    await announce('hal', 'more')
    await announce('hal', 'less', { resource: 'channel:sms' })
    await announce('hal', 'less', { direction: 'up' })
    await pass()
    expect((await intentsOf('hal')).map((row) => row['state'])).toEqual([
      'carried',
      'carried',
      'carried',
    ])
  })

  test('are found when a merge brings them together, and a person may want neither', async () => {
    await announce('ida', 'more')
    await announce('ida-too', 'less')
    await app.send(alias('ida', 'ida-too'))
    await pass()
    const [one] = await listed('ida')
    if (!one) throw new TypeError('nothing waits')
    await resolveIntent(await readerOf(app, 'admin', ['marketing']), one, 'drop')
    expect((await intentsOf('ida')).map((row) => row['state'])).toEqual(['lapsed', 'lapsed'])
  })

  test('that race are both held back', async () => {
    const users = Array.from({ length: 30 }, (_, n) => `o-${n}`)
    const intent = { kind: 'spend', resource: 'channel:email', windowMs }
    await Promise.all(
      users.flatMap((user) => [
        app.send(track(user, 'more', { intent: { ...intent, direction: 'up' } })),
        app.send(track(user, 'less', { intent: { ...intent, direction: 'down' } })),
      ]),
    )
    await app.idle()
    await pass()
    const rows = await app.sql`
      select state, count(*)::int as n from intent i join identifier d on d.profile_id = i.profile_id
      where d.value like 'o-%' group by state`
    expect(rows.map((row) => ({ ...row }))).toEqual([{ state: 'conflicted', n: 60 }])
  })
})

test('of a veto and the end of the window exactly one comes first', async () => {
  const users = Array.from({ length: 40 }, (_, n) => `v-${n}`)
  const intent = { kind: 'spend', resource: 'r', windowMs, activation: promotion() }
  await app.send(...users.map((user) => track(user, 'more', { intent })))
  await app.idle()
  const open = await app.sql<{ id: string; profileId: string }[]>`
    select i.id, i.profile_id as "profileId" from intent i join identifier d on d.profile_id = i.profile_id
    where d.value like 'v-%' and i.state = 'open' order by random()`
  const { board, workspaceId } = app
  // Another node's clock is a minute ahead: for it the windows are over, and for who vetoes they are not.
  const later = new Date(clock.now().getTime() + windowMs + 1)
  const ahead = { ...board, clock: { ...clock, now: () => later } }
  const at = clock.now().toISOString()
  const veto = async ({ id, profileId }: { id: string; profileId: string }) => {
    const vetoes = JSON.stringify([{ profileId, intent: id, reason: 'late' }])
    const by = { workspaceId, profileIds: [profileId], agent: 'guard/act', kinds: ['spend'] }
    await transact(board.db, async (tx) => {
      await holdPersons(tx, workspaceId, [profileId])
      await vetoIntents(tx, { ...by, vetoes, at })
    })
  }
  const lane = async (nth: number) => {
    for (const one of open.filter((_, at) => at % 3 === nth)) await veto(one)
  }
  await Promise.all([lane(0), lane(1), lane(2), closeIntents(ahead)])
  clock.advance(windowMs + 1000)
  await app.idle()
  const rows = await app.sql`
    select i.state, (a.id is not null) as proposed, (i.vetoed_by is not null) as vetoed, count(*)::int as n
    from intent i join identifier d on d.profile_id = i.profile_id and d.value like 'v-%'
    left join activation a on a.id = i.activation_id group by 1, 2, 3 order by 1`
  const sums = rows.map(({ state, proposed, vetoed }) => ({ state, proposed, vetoed }))
  const either = [
    { state: 'carried', proposed: true, vetoed: false },
    { state: 'vetoed', proposed: false, vetoed: true },
  ]
  expect(either).toEqual(expect.arrayContaining(sums))
  expect(rows.reduce((sum, { n }) => sum + Number(n), 0)).toBe(users.length)
  const [lone] = await app.sql`
    select count(*)::int as n from activation a where not exists (select from intent i where i.activation_id = a.id)`
  expect(lone).toEqual({ n: 0 })
})
