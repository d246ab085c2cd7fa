import { expect, test } from 'vitest'
import { bumpLegalStates } from '../../../blackboard/query/bumpLegalStates.ts'
import { checkNames } from '../../../core/model/decision.ts'
import { alias, identify } from '../../support/app.ts'
import { openOutward, type Outward } from '../../support/outward.ts'

/** Sets what the law knows of a person, as a subject request would. */
async function setStanding({ app, clock }: Outward, user: string, column: string): Promise<void> {
  const id = await app.profileOf(user)
  const at = clock.now().toISOString()
  const args = { workspaceId: app.workspaceId, ids: JSON.stringify([id]), at }
  await bumpLegalStates(app.sql, args)
  await app.sql.unsafe(`update legal_state set ${column} where profile_id = '${id}'`)
}

test('refuses without a grant and records every check in order', async () => {
  await using out = await openOutward()
  await out.app.send(identify('ada', { plan: 'pro' }))
  const id = await out.propose('ada')
  expect(await out.activation(id)).toMatchObject({ state: 'refused', error: 'no_consent' })
  const [decision, ...others] = await out.decisions(id)
  expect(others).toEqual([])
  expect(decision).toMatchObject({ kind: 'plan', outcome: 'refuse', reason: 'no_consent' })
  expect(decision?.checks.map(({ name }) => name)).toEqual([...checkNames])
  const failed = decision?.checks.filter(({ verdict }) => verdict !== 'pass')
  expect(failed?.map(({ name }) => name)).toEqual(['lawful_basis'])
  await out.dispatch()
  expect(out.receiver.requests).toEqual([])
})

test('approves with a grant, and names it as evidence', async () => {
  await using out = await openOutward()
  await out.app.send(identify('ada', { plan: 'pro' }))
  const consent = await out.say('ada', 'granted')
  const id = await out.propose('ada')
  expect(await out.activation(id)).toMatchObject({ state: 'approved', error: null })
  const [decision] = await out.decisions(id)
  const basis = decision?.checks.find(({ name }) => name === 'lawful_basis')
  expect(basis).toMatchObject({ verdict: 'pass', evidence: [consent.id] })
})

test('refuses the proposal of a principal that was revoked, and allows that of one that was not', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const leaver = await out.app.principal('app')
  await out.app.sql`update principal set revoked_at = now() where id = ${leaver.id}`
  const refused = await out.propose('ada', {}, leaver.id)
  expect(await out.activation(refused)).toMatchObject({
    state: 'refused',
    error: 'proposer_revoked',
  })
  const stayer = await out.app.principal('app')
  const allowed = await out.propose('ada', {}, stayer.id)
  expect(await out.activation(allowed)).toMatchObject({ state: 'approved' })
})

test.each([
  ['restricted', 'restricted = true'],
  ['legal_hold', 'legal_hold = true'],
  ['objected', "objections = '{marketing}'"],
  ['minor', "minor_band = 'under_13'"],
])('refuses a person who is %s', async (reason, column) => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
  await setStanding(out, 'ada', column)
  const id = await out.propose('ada')
  expect(await out.activation(id)).toMatchObject({ state: 'refused', error: reason })
})

test('puts nothing before the gate for a person who is erased', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await setStanding(out, 'ada', 'erased_at = now()')
  await expect(out.propose('ada')).rejects.toMatchObject({ code: 'subject_erased' })
  expect(await out.app.sql`select * from activation`).toEqual([])
})

test('refuses when a member of a merged person withdrew, and allows when neither did', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.say('countess', 'withdrawn')
  await out.say('bob', 'granted')
  await out.app.send(identify('rob'))
  await out.app.send(alias('ada', 'countess'), alias('bob', 'rob'))
  expect(await out.activation(await out.propose('ada'))).toMatchObject({
    state: 'refused',
    error: 'consent_withdrawn',
  })
  expect(await out.activation(await out.propose('rob'))).toMatchObject({ state: 'approved' })
})

test('refuses and counts when a check cannot be evaluated, and allows once it can', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const { sql, board, metrics } = out.app
  const { ability } = out.deps.policies
  const broken = {
    ...out.deps.policies,
    ability: (...args: Parameters<typeof ability>) => ({
      ...ability(...args),
      activate() {
        throw new TypeError('a rule that cannot be evaluated')
      },
    }),
  }
  const id = board.clock.id()
  const profile = await out.app.profileOf('ada')
  const { decideThese } = await import('../../../core/flow/gate/gate.ts')
  const admin = await out.app.principal()
  await sql`
    insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
      destination, content, cause, state, due_at, created_at, updated_at)
    values (${out.app.workspaceId}, ${profile}, ${id}, 'principal', ${admin.id},
      'marketing.promotion', 'webhook', ${out.receiver.url}, '{}', 'test', 'proposed',
      ${out.clock.now()}, ${out.clock.now()}, ${out.clock.now()})`
  const key = { profileId: profile, id }
  await decideThese({ ...out.deps, policies: broken }, out.app.workspaceId, [key])
  expect(await out.activation(id)).toMatchObject({ state: 'refused', error: 'evaluation_error' })
  expect(await metrics.registry.metrics()).toContain('slateboard_policy_errors_total 1')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
})

test('refuses everything without an active policy, and decides again with one', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  await out.app.sql`update policy_version set status = 'retired'`
  out.app.board.signals.send('policy')
  const id = await out.propose('ada')
  expect(await out.activation(id)).toMatchObject({ state: 'refused', error: 'no_active_policy' })
  await out.app.sql`update policy_version set status = 'active'`
  out.app.board.signals.send('policy')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
})

test('lets two gates decide at once without deciding anything twice', async () => {
  await using out = await openOutward()
  await out.say('ada', 'granted')
  const { sql, workspaceId } = out.app
  const profile = await out.app.profileOf('ada')
  const admin = await out.app.principal()
  await sql`
    insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
      destination, content, cause, state, due_at, created_at, updated_at)
    select ${workspaceId}, ${profile}, 'A' || n, 'principal', ${admin.id}, 'marketing.promotion',
      'webhook', 'http://127.0.0.1/', '{}', 'test', 'proposed', now(), now(), now()
    from generate_series(1, 50) as n`
  const counts = await Promise.all([out.decide(), out.decide(), out.decide()])
  expect(counts.reduce((sum, count) => sum + count)).toBe(50)
  const [row] = await sql<{ decisions: number }[]>`select count(*) as decisions from decision`
  expect(row?.decisions).toBe(50)
})
