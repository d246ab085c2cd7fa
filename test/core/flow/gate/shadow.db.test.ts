import { expect, test } from 'vitest'
import { shadowPolicy } from '../../../../core/policy/shadowPolicy.ts'
import { approvePolicy } from '../../../../core/policy/approvePolicy.ts'
import { withdrawPolicy } from '../../../../core/policy/withdrawPolicy.ts'
import { proposePolicy } from '../../../../core/policy/proposePolicy.ts'
import { createDoorkeeper } from '../../../../core/read/authenticate.ts'
import { findShadow } from '../../../../core/read/findShadow.ts'
import type { PolicyDocument } from '../../../../core/model/policy.ts'
import { shippedPolicy } from '../../../../policies/shipped.ts'
import { identify } from '../../../support/app.ts'
import { openOutward } from '../../../support/outward.ts'

const { tests: _, ...shipped } = shippedPolicy().document
/** Nothing for marketing leaves. */
const strict: PolicyDocument = {
  ...shipped,
  rules: shipped.rules.map((rule) =>
    rule.id === 'consented-activations-leave'
      ? { ...rule, purposes: ['analytics', 'personalization'] }
      : rule,
  ),
}

async function open() {
  const out = await openOutward()
  const { app } = out
  const door = createDoorkeeper(app.board, app.policies)
  const officer = async () => {
    const reader = await door.admit((await app.principal('officer')).key)
    if (!reader) throw new TypeError('the officer was not admitted')
    return reader
  }
  await app.send(identify('ada', { plan: 'pro' }))
  await out.say('ada', 'granted')
  return { out, app, author: await officer(), other: await officer() }
}

test('counts what a version in shadow would have decided otherwise, and changes nothing by it', async () => {
  const { out, app, author, other } = await open()
  await using _ = out
  const number = await proposePolicy(author, { document: strict, reason: 'No marketing.' })
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
  expect(await findShadow(author, number)).toBeNull()
  await shadowPolicy(author, { number })
  for (const [purpose, state] of [
    ['marketing.promotion', 'approved'],
    ['marketing.promotion', 'approved'],
    ['service', 'approved'],
    ['analytics', 'refused'],
    ['nonsense', 'refused'],
  ] as const) {
    const id = await out.propose('ada', { purpose })
    expect(await out.activation(id)).toMatchObject({ state })
    const [decision] = await out.decisions(id)
    expect(decision).toMatchObject({ policyNumber: 1 })
  }
  expect(await findShadow(author, number)).toEqual({
    decisions: 4,
    disagreements: 2,
    counts: [
      { purpose: 'analytics', channel: 'webhook', direction: 'agrees', decisions: 1 },
      {
        purpose: 'marketing.promotion',
        channel: 'webhook',
        direction: 'would_refuse',
        decisions: 2,
      },
      { purpose: 'service', channel: 'webhook', direction: 'agrees', decisions: 1 },
    ],
  })
  expect(await app.metrics.registry.metrics()).toContain(
    'slateboard_policy_shadow_total{direction="would_refuse"} 2',
  )
  await approvePolicy(other, { number })
  await out.propose('ada')
  expect(await findShadow(author, number)).toMatchObject({ decisions: 4 })
})

test('asks a version in shadow for risk as the one in force is asked', async () => {
  const { out, author } = await open()
  await using _ = out
  const from = (riskAbove: number): PolicyDocument => ({
    ...shipped,
    limits: (shipped.limits ?? []).map((limit) =>
      limit.riskAbove === undefined ? limit : { ...limit, riskAbove },
    ),
  })
  const said = async (riskAbove: number, purpose: string) => {
    const document = from(riskAbove)
    const number = await proposePolicy(author, { document, reason: 'Another limit.' })
    await shadowPolicy(author, { number })
    for (const risk of [0.1, 0.6, 0.8, 0.95]) await out.propose('ada', { purpose, risk })
    await withdrawPolicy(author, { number })
    const { counts } = (await findShadow(author, number)) ?? { counts: [] }
    return Object.fromEntries(counts.map(({ direction, decisions }) => [direction, decisions]))
  }
  expect(await said(0.5, 'service')).toEqual({ agrees: 3, would_hold: 1 })
  expect(await said(0.9, 'service')).toEqual({ agrees: 3, would_allow: 1 })
})

test('decides on when a version in shadow cannot be counted', async () => {
  const { out, app, author } = await open()
  await using _ = out
  const number = await proposePolicy(author, { document: strict, reason: 'No marketing.' })
  await shadowPolicy(author, { number })
  await app.sql`alter table policy_shadow_count rename to gone`
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
  await app.sql`alter table gone rename to policy_shadow_count`
  expect(await findShadow(author, number)).toBeNull()
})

test('puts one version in shadow at a time, and its counts are for who may read policies', async () => {
  const { out, app, author, other } = await open()
  await using _ = out
  const first = await proposePolicy(author, { document: strict, reason: 'No marketing.' })
  const second = await proposePolicy(author, { document: shipped, reason: 'As it was.' })
  await shadowPolicy(author, { number: first })
  await expect(shadowPolicy(other, { number: second })).rejects.toMatchObject({
    code: 'policy_shadow_taken',
    values: { shadow: first },
  })
  const door = createDoorkeeper(app.board, app.policies)
  const reader = await door.admit((await app.principal('app')).key)
  if (!reader) throw new TypeError('the app was not admitted')
  await expect(findShadow(reader, first)).rejects.toMatchObject({ code: 'forbidden' })
})
