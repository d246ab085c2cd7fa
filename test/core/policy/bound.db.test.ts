import { expect, test } from 'vitest'
import { findProfile } from '../../../core/read/findProfile.ts'
import { readTraits } from '../../../core/read/readTraits.ts'
import type { Reader } from '../../../core/read/reader.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { identify } from '../../support/app.ts'
import { openOutward } from '../../support/outward.ts'
import { putInForce } from '../../support/putInForce.ts'
import { openReading } from '../../support/reading.ts'
import { permit as rule } from '../../support/rule.ts'

const permit = { ...rule, id: 'app-reads-plan', reason: 'plan' }
// The second rule lets the customer be found whether or not the first one counts.
const found = { ...permit, id: 'app-finds-customers', fields: ['identifier:user_id'] }
const documentOf = (part: object) =>
  parsePolicy({ title: 'Test', rules: [{ ...permit, ...part }, found] }).document

async function seesPlan(reader: Reader): Promise<boolean> {
  const profile = await findProfile(reader, { by: { namespace: 'user_id', value: 'u1' } })
  const [traits] = profile ? await readTraits(reader, [profile], ['plan']) : []
  return traits?.some(({ key }) => key === 'plan') ?? false
}

test('shows a value until the rule that permits it ends, on a node that compiled it before', async () => {
  await using reading = await openReading(documentOf({ until: '2026-11-21T12:00:10Z' }))
  await reading.define('plan', 'none')
  await reading.profile({ id: '01A', traits: { plan: 'pro' }, identifiers: { user_id: 'u1' } })
  const { key } = await reading.principal('app', ['service'])
  const ask = async () => {
    const reader = await reading.door.admit(key)
    return reader !== undefined && seesPlan(reader)
  }
  expect(await ask()).toBe(true)
  reading.advance(9999)
  expect(await ask()).toBe(true)
  reading.advance(1)
  expect(await ask()).toBe(false)
})

test('shows a customer to the principal that the profile names (not to another of the role)', async () => {
  const when = { 'traits.account_manager': { $principal: 'id' } }
  await using reading = await openReading(documentOf({ when }))
  await reading.define('plan', 'none')
  await reading.define('account_manager', 'none')
  const [one, other] = [
    await reading.principal('app', ['service']),
    await reading.principal('app', ['service']),
  ]
  await reading.profile({
    id: '01A',
    traits: { plan: 'pro', account_manager: one.id },
    identifiers: { user_id: 'u1' },
  })
  for (const [{ key }, sees] of [
    [one, true],
    [other, false],
    [one, true],
  ] as const) {
    const reader = await reading.door.admit(key)
    expect(reader !== undefined && (await seesPlan(reader))).toBe(sees)
  }
})

test('lets leave what the named principal proposes (refused: of another, and once the rule has ended)', async () => {
  await using out = await openOutward()
  const { document } = shippedPolicy()
  const [one, other] = [await out.app.principal('app'), await out.app.principal('app')]
  const until = new Date(out.clock.now().getTime() + 60_000).toISOString()
  const rules = document.rules.map((rule) =>
    rule.id === 'consented-activations-leave'
      ? { ...rule, agents: undefined, until, when: { 'traits.seller': { $principal: 'name' } } }
      : rule,
  )
  const { workspaceId, sql, board } = out.app
  await putInForce(sql, {
    workspaceId,
    number: 2,
    document: parsePolicy({ title: 'T', rules }).document,
  })
  board.signals.send('policy')
  await sql`update principal set name = 'Ada' where id = ${one.id}`
  await sql`update principal set name = 'Bob' where id = ${other.id}`
  await out.app.send(identify('ada', { seller: 'Ada' }))
  await out.say('ada', 'granted')
  const kept = await out.propose('ada', {}, one.id)
  expect(await out.activation(kept)).toMatchObject({ state: 'approved' })
  const refused = await out.propose('ada', {}, other.id)
  expect(await out.activation(refused)).toMatchObject({ state: 'refused', error: 'policy_refused' })
  out.clock.advance(60_000)
  await out.dispatch()
  expect(await out.activation(kept)).toMatchObject({ state: 'recalled', error: 'policy_refused' })
  expect(out.receiver.requests).toEqual([])
})
