import { expect, test } from 'vitest'
import { approvalMs } from '../../../../core/flow/gate/check/limit.ts'
import { answerActivation } from '../../../../core/flow/gate/answerActivation.ts'
import type { ActivationAnswer } from '../../../../core/model/activation.ts'
import { shippedPolicy } from '../../../../policies/shipped.ts'
import { activatePolicy } from '../../../support/activatePolicy.ts'
import { openOutward, type Outward } from '../../../support/outward.ts'
import { hold } from '../../../support/hold.ts'

const { document: shipped } = shippedPolicy()
const reason = 'Looked at it together.'

async function world() {
  const out = await openOutward()
  const officer = await out.app.principal('officer')
  await out.say('ada', 'granted')
  const profileId = await out.app.profileOf('ada')
  const say = (verdict: ActivationAnswer['verdict'], id: string, who = officer.id) =>
    answerActivation(out.deps, out.app.workspaceId, who, { profileId, id }, { verdict, reason })
  return { out, officer, say, [Symbol.asyncDispose]: () => out[Symbol.asyncDispose]() }
}

const check = async (out: Outward, id: string, name: string) =>
  (await out.decisions(id)).at(-1)?.checks.find((each) => each.name === name)

test('what is riskier than the limit is held, and sent once another person approved it', async () => {
  await using all = await world()
  const { out, say } = all
  const [tame, risky] = [
    await out.propose('ada', { risk: 0.7 }),
    await out.propose('ada', { risk: 0.8 }),
  ]
  expect(await out.activation(tame)).toMatchObject({ state: 'approved' })
  expect(await out.activation(risky)).toMatchObject({ state: 'held', error: 'risk_needs_approval' })
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([tame])
  await say('approved', risky)
  expect(await out.activation(risky)).toMatchObject({ state: 'approved', error: null })
  expect(await check(out, risky, 'risk')).toMatchObject({
    verdict: 'pass',
    reason: 'approved_by_person',
    evidence: [
      'risk:0.8',
      'above:0.7',
      'limit:risky-needs-approval',
      expect.stringMatching(/^approval:/),
    ],
  })
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([tame, risky])
})

test('who proposed it cannot approve it, and somebody else can', async () => {
  await using all = await world()
  const { out, say } = all
  const proposer = await out.app.principal('admin')
  const id = await out.propose('ada', { risk: 1 }, proposer.id)
  await expect(say('approved', id, proposer.id)).rejects.toMatchObject({
    code: 'activation_own_approval',
  })
  expect(await out.activation(id)).toMatchObject({ state: 'held' })
  expect(await out.app.sql`select from activation_approval`).toHaveLength(0)
  await say('approved', id)
  expect(await out.activation(id)).toMatchObject({ state: 'approved' })
})

test('what a person refuses is refused by the gate, for good', async () => {
  await using all = await world()
  const { out, say } = all
  const id = await out.propose('ada', { risk: 1 })
  await say('refused', id)
  expect(await out.activation(id)).toMatchObject({ state: 'refused', error: 'refused_by_person' })
  await expect(say('approved', id)).rejects.toMatchObject({ code: 'activation_not_held' })
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([])
})

test('an approval lifts no complaint: it goes on when both are gone, in either order', async () => {
  await using all = await world()
  const { out, say } = all
  await hold(out, 'ada', true)
  const complained = await out.propose('ada')
  await expect(say('approved', complained)).rejects.toMatchObject({
    code: 'activation_not_for_approval',
    values: { reason: 'complaint' },
  })
  const both = await out.propose('ada', { risk: 1 })
  await say('approved', both)
  expect(await out.activation(both)).toMatchObject({ state: 'held', error: 'complaint' })
  await hold(out, 'ada', false)
  await out.decide()
  expect(await out.activation(both)).toMatchObject({ state: 'approved' })
  expect(await out.activation(complained)).toMatchObject({ state: 'approved' })
  await hold(out, 'ada', true)
  await out.dispatch()
  expect(out.receiver.keys()).toEqual([])
})

test('an approval outweighs no withdrawal', async () => {
  await using all = await world()
  const { out, say } = all
  const id = await out.propose('ada', { risk: 1 })
  await say('approved', id)
  await out.say('ada', 'withdrawn')
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'recalled', error: 'consent_withdrawn' })
  const later = await out.propose('ada', { risk: 1 })
  expect(await out.activation(later)).toMatchObject({ state: 'refused' })
})

test('an approval counts for seven days: then what was not sent is held again', async () => {
  await using all = await world()
  const { out, say } = all
  const [now, never] = [
    await out.propose('ada', { risk: 1 }),
    await out.propose('ada', { risk: 1 }),
  ]
  for (const id of [now, never]) await say('approved', id)
  await out.app.sql`update activation set due_at = now() + interval '30 days' where id = ${never}`
  out.clock.advance(approvalMs - 1)
  await out.dispatch()
  expect(await out.activation(now)).toMatchObject({ state: 'sent' })
  out.clock.advance(30 * 86_400_000)
  await out.dispatch()
  expect(await out.activation(never)).toMatchObject({ state: 'held', error: 'risk_needs_approval' })
})

test('what was approved is held again when the policy asks for approval anew, and not when it does not', async () => {
  await using all = await world()
  const { out } = all
  const id = await out.propose('ada', { risk: 0.5 })
  const limits = [
    {
      id: 'careful',
      sentence: 'Whatever has a risk above 0.4 is looked at.',
      purposes: ['*'],
      channels: ['*'],
      riskAbove: 0.4,
    },
  ]
  await activatePolicy(out.app, { ...shipped, limits }, 2)
  out.app.board.signals.send('policy')
  await out.dispatch()
  expect(await out.activation(id)).toMatchObject({ state: 'held', error: 'risk_needs_approval' })
})

test('keeps who said it, when and why, and puts it on the audit log without the why', async () => {
  await using all = await world()
  const { out, officer, say } = all
  const id = await out.propose('ada', { risk: 1 })
  await say('approved', id)
  const rows = await out.app.sql`
    select verdict, reason, principal_id as "principalId", decided_at as "decidedAt"
    from activation_approval where activation_id = ${id}`
  expect(rows).toEqual([
    { verdict: 'approved', reason, principalId: officer.id, decidedAt: out.clock.now() },
  ])
  const entries = await out.app.sql<{ actor: string; payload: object }[]>`
    select actor, payload from audit_inbox where action = 'activation.approve'`
  expect(entries).toMatchObject([{ actor: `principal:${officer.id}` }])
  expect(JSON.stringify(entries)).not.toContain(reason)
})

test('of many who answer at once one is heard', async () => {
  await using all = await world()
  const { out, say } = all
  const id = await out.propose('ada', { risk: 1 })
  const others = await Promise.all(Array.from({ length: 6 }, () => out.app.principal('officer')))
  const told = await Promise.allSettled(others.map((who) => say('refused', id, who.id)))
  expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await out.app.sql`select from activation_approval`).toHaveLength(1)
  expect(await out.activation(id)).toMatchObject({ state: 'refused' })
})
