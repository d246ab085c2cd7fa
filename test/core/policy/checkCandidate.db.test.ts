import { expect, test } from 'vitest'
import { acceptCandidate } from '../../../core/policy/checkCandidate.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openReading } from '../../support/reading.ts'

const permit = {
  id: 'permit',
  sentence: 'Agents read the plan of a customer.',
  effect: 'permit',
  agents: ['churn-risk/score'],
  action: 'read',
  subject: 'Profile',
  purposes: ['service'],
  fields: ['trait:plan'],
  reason: 'permitted',
}
const leave = {
  ...permit,
  id: 'leave',
  roles: ['app'],
  agents: undefined,
  action: 'activate',
  subject: 'Activation',
  fields: undefined,
  channels: ['email'],
}

test('refuses what the workspace does not know, all of it at once (takes what it knows)', async () => {
  await using reading = await openReading(shippedPolicy().document)
  await reading.define('plan', 'none')
  const reader = await reading.reader('officer')
  const accept = (...rules: object[]) =>
    acceptCandidate(reader, { title: 'Test', rules: JSON.parse(JSON.stringify(rules)) }, null)
  expect((await accept({ ...permit, agents: ['*'] }, leave)).rules).toHaveLength(2)
  await expect(
    accept(
      permit,
      { ...leave, channels: ['fax'], purposes: ['resale'] },
      { ...permit, id: 'other', agents: ['*'], fields: ['trait:plam'] },
    ),
  ).rejects.toMatchObject({
    code: 'policy_invalid',
    problems: [
      { path: 'rules.0.agents.0' },
      { path: 'rules.1.purposes.0' },
      { path: 'rules.1.channels.0' },
      { path: 'rules.2.fields.0', remedy: expect.stringContaining('Did you mean plan?') },
    ],
  })
})

test('lets stand what the version in force names, though it is gone (refused: beside another one)', async () => {
  await using reading = await openReading(shippedPolicy().document)
  const reader = await reading.reader('officer')
  const named = { ...permit, fields: ['trait:plan'], purposes: ['resale'] }
  const document = { title: 'Test', rules: [named] }
  const base = { number: 1, policy: parsePolicy(document) }
  expect((await acceptCandidate(reader, document, base)).rules).toHaveLength(1)
  await expect(acceptCandidate(reader, document, null)).rejects.toMatchObject({
    problems: [
      { path: 'rules.0.fields.0' },
      { path: 'rules.0.purposes.0' },
      { path: 'rules.0.agents.0' },
    ],
  })
})
