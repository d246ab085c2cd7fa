import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listAudience } from '../../../../blackboard/query/groupAudience.ts'
import { transact } from '../../../../blackboard/transact.ts'
import { assemble, rulesOf, type GateDeps } from '../../../../core/flow/gate/assemble.ts'
import { audienceQuestion, audienceRow, gateAudience } from '../../../../core/flow/gate/audience.ts'
import { judge } from '../../../../core/flow/gate/gate.ts'
import type { GateVerdict } from '../../../../core/flow/gate/input.ts'
import { proposalSchema, type Proposal } from '../../../../core/model/activation.ts'
import { policyDocumentSchema } from '../../../../core/model/policy.ts'
import { activatePolicy } from '../../../support/activatePolicy.ts'
import { openTestApp, testClock, type TestApp } from '../../../support/app.ts'
import { leave, permit } from '../../../support/rule.ts'
import { population, populationStart, settle } from './population.ts'

const admin = { proposerKind: 'principal', proposerId: 'p', role: 'admin', name: null } as const
const act = { ...leave, roles: ['admin'], purposes: ['marketing'], channels: ['*'] }
const send = { ...permit, roles: ['admin'], action: 'send', purposes: ['marketing'] }

/** Asks of everything that a class has to tell apart. */
const asking = policyDocumentSchema.parse({
  title: 'Asks of a profile what can be asked',
  rules: [
    { ...act, id: 'known', when: { 'traits.plan': { $in: ['pro', 'team'] } } },
    { ...act, id: 'large', channels: ['email'], when: { 'traits.seats': { $gte: 3 } } },
    { ...act, id: 'abroad', effect: 'forbid', when: { jurisdiction: 'BR' }, reason: 'abroad' },
    { ...send, id: 'plan-goes', fields: ['trait:plan'], when: { 'traits.seats': { $lt: 5 } } },
    { ...send, id: 'sealed-goes', fields: ['class:sensitive'], when: { 'traits.plan': 'pro' } },
  ],
  limits: [
    {
      id: 'seldom',
      sentence: 'Nobody gets more than two promotions in three days.',
      purposes: ['marketing.promotion'],
      channels: ['*'],
      cap: { max: 2, hours: 72 },
    },
    {
      id: 'young',
      sentence: 'Only what was written this month is sent.',
      purposes: ['marketing'],
      channels: ['*'],
      maxAgeDays: 30,
    },
    {
      id: 'by-day',
      sentence: 'Nothing is sent at night where the person is.',
      purposes: ['*'],
      channels: ['email'],
      quietHours: { from: '22:00', to: '07:00', timezone: 'UTC', timezoneTrait: 'timezone' },
    },
  ],
})

const proposals = [
  { purpose: 'marketing.promotion', channel: 'email', fields: ['plan', 'seats'] },
  { purpose: 'marketing.promotion', channel: 'email', fields: ['plan'], requires: ['plan'] },
  {
    purpose: 'marketing.promotion',
    channel: 'webhook',
    destination: 'https://shop.example/hook',
    fields: ['seats'],
    content: { plan: 'free' },
  },
].map((each) => proposalSchema.parse(each))

async function openAudience() {
  await using stack = new AsyncDisposableStack()
  const app = stack.use(await openTestApp({ works: false, clock: testClock(populationStart) }))
  for (const key of ['plan', 'seats', 'timezone']) {
    await app.sql`
      insert into trait_definition (workspace_id, key, data_class, registered, created_at)
      values (${app.workspaceId}, ${key}, 'none', true, ${populationStart})`
  }
  const deps: GateDeps = { ...app, crew: app.registry }
  const held = stack.move()
  return { app, deps, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

type Opened = Awaited<ReturnType<typeof openAudience>>

const rowOf = ({ app }: Opened, proposal: Proposal, profileId: string) =>
  audienceRow(app.workspaceId, admin, proposal, profileId)

/** Everybody's answer, given one by one. */
async function oneByOne(opened: Opened, proposal: Proposal): Promise<Map<string, string>> {
  const { app, deps } = opened
  const rules = await rulesOf(deps, app.workspaceId)
  const profiles = await app.sql<{ id: string }[]>`
    select id from profile where canonical_id = id`
  const rows = profiles.map(({ id }) => rowOf(opened, proposal, id))
  return transact(app.db, async (tx) => {
    const assembly = await assemble(tx, deps, rules, rows)
    return new Map(
      rows.flatMap((row) =>
        judge(deps, assembly, row).map(({ verdict }) => [row.profileId, textOf(verdict)] as const),
      ),
    )
  })
}

const textOf = ({ outcome, reason, checks, obligations }: GateVerdict): string =>
  JSON.stringify([
    outcome,
    reason,
    checks.map(({ verdict, reason: why }) => [verdict, why]),
    obligations,
  ])

async function classesOf(opened: Opened, proposal: Proposal): Promise<Map<string, string[]>> {
  const { app, deps } = opened
  const rules = await rulesOf(deps, app.workspaceId)
  const question = audienceQuestion(deps, rules, rowOf(opened, proposal, ''))
  const rows = await listAudience(app.sql, question, { after: '', upTo: 'Z' })
  const classes = Map.groupBy(rows, (row) => row.class)
  return new Map([...classes].map(([name, all]) => [name, all.map((row) => row.profileId)]))
}

test('everybody in a class gets the same answer, and the counts are those of single decisions', async () => {
  await using opened = await openAudience()
  const { app, deps } = opened
  await activatePolicy(app, asking, 2)
  app.board.signals.send('policy')
  let round = 0
  await fc.assert(
    fc.asyncProperty(population, async (profiles) => {
      round += 1
      await settle(app.sql, app.workspaceId, profiles, round)
      await bind(app)
      for (const proposal of proposals) {
        const answers = await oneByOne(opened, proposal)
        const classes = await classesOf(opened, proposal)
        for (const members of classes.values()) {
          expect(new Set(members.map((id) => answers.get(id)))).toHaveLength(1)
        }
        expect([...classes.values()].flat().toSorted()).toEqual([...answers.keys()].toSorted())
        const audience = await gateAudience(deps, app.workspaceId, admin, proposal)
        expect(audience.profiles).toBe(answers.size)
        expect(countsOf(audience.answers)).toEqual(countsOf(countedOne(answers)))
      }
    }),
    { numRuns: 4 },
  )
}, 60_000)

/** Some grants are on a notice of before, some wait to be confirmed, and none lasts for ever. */
async function bind({ sql, workspaceId }: TestApp): Promise<void> {
  await sql`update purpose set ttl_days = 20, double_opt_in = '{webhook}' where key = 'marketing'`
  await sql`
    insert into notice (workspace_id, id, version, language, number, sha256, text, purposes, accepts,
      author, published_at)
    values (${workspaceId}, 'n', '1', 'en', 1, 'x', 'x', '{marketing}', '1', 'x', ${populationStart}),
      (${workspaceId}, 'n', '2', 'en', 2, 'x', 'x', '{marketing}', '2', 'x', ${populationStart})
    on conflict do nothing`
  await sql`
    update consent_current
    set proof = proof || jsonb_build_object('noticeId', 'n', 'noticeVersion', (abs(hashtext(consent_id)) % 2 + 1)::text)
    where abs(hashtext(consent_id)) % 4 < 2`
  await sql`
    insert into consent_pending (workspace_id, profile_id, purpose, channel, consent_id, requested_at, expires_at)
    select workspace_id, id, 'marketing.promotion', 'email', 'p-' || id, ${populationStart}::timestamptz - interval '3 days',
      ${populationStart}::timestamptz + case when abs(hashtext(id)) % 2 = 0 then -1 else 1 end * interval '1 day'
    from profile where abs(hashtext(id)) % 3 = 0
    on conflict do nothing`
}

const countsOf = (answers: readonly { outcome: string; reason: string; profiles: number }[]) =>
  new Map(
    answers
      .map(({ outcome, reason, profiles }) => [`${outcome} ${reason}`, profiles] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

function countedOne(answers: ReadonlyMap<string, string>) {
  const grouped = Map.groupBy([...answers.values()], (text) =>
    JSON.stringify(JSON.parse(text).slice(0, 2)),
  )
  return [...grouped].map(([key, all]) => {
    const [outcome, reason] = JSON.parse(key)
    return { outcome: String(outcome), reason: String(reason), profiles: all.length }
  })
}
