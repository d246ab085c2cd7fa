import { expect, test } from 'vitest'
import type { PolicyDocument } from '../../../core/model/policy.ts'
import { activatePolicy } from '../../../core/policy/activatePolicy.ts'
import { proposePolicy } from '../../../core/policy/proposePolicy.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { identify } from '../../support/app.ts'
import { openOutward } from '../../support/outward.ts'

const { tests: _, ...shipped } = shippedPolicy().document
const silent: PolicyDocument = {
  ...shipped,
  title: 'No marketing',
  rules: shipped.rules.map((rule) =>
    rule.id === 'consented-activations-leave' ? { ...rule, purposes: ['analytics'] } : rule,
  ),
}

test('an emergency stops what was approved before, and ends by the clock for gate and dispatch alike', async () => {
  await using out = await openOutward()
  const { app, clock } = out
  const door = createDoorkeeper(app.board, app.policies)
  const officer = await door.admit((await app.principal('officer')).key)
  if (!officer) throw new TypeError('the officer was not admitted')
  await app.send(identify('ada', { plan: 'pro' }))
  await out.say('ada', 'granted')
  const before = await out.propose('ada')
  const number = await proposePolicy(officer, { document: silent, reason: 'Stop.' })
  const breakGlass = { reason: 'Wrong offers are going out.', hours: 1 }
  await activatePolicy(officer, { number, breakGlass })

  await out.dispatch()
  expect(await out.activation(before)).toMatchObject({ state: 'recalled', error: 'policy_refused' })
  const during = await out.propose('ada')
  expect(await out.activation(during)).toMatchObject({ state: 'refused', error: 'policy_refused' })
  expect(await out.decisions(during)).toMatchObject([{ policyNumber: number }])

  // No step puts the version before back here: works is false.
  clock.advance(3_600_000)
  const after = await out.propose('ada')
  expect(await out.decisions(after)).toMatchObject([{ policyNumber: 1, outcome: 'allow' }])
  await out.dispatch()
  expect(await out.activation(after)).toMatchObject({ state: 'sent' })
})
