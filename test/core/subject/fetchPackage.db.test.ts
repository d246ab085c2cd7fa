import { expect, test } from 'vitest'
import { z } from 'zod'
import { fetchPackage } from '../../../core/subject/fetchPackage.ts'
import { completeRequest, refuseRequestPart } from '../../../core/subject/handleRequest.ts'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { consentInputSchema } from '../../../core/model/consent.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { alias, identify, track } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'
import { unzip } from '../../support/unzip.ts'

type Desk = Awaited<ReturnType<typeof openDesk>>

const rowsSchema = z.array(z.record(z.string(), z.json()))

async function fetched(desk: Desk, id: string): Promise<Map<string, string>> {
  const { chunks } = await fetchPackage(desk.officer, id)
  return unzip(Buffer.concat(await Array.fromAsync(chunks)))
}

const rowsIn = (files: Map<string, string>, name: string) =>
  rowsSchema.parse(JSON.parse(files.get(name) ?? '[]'))

/** Somebody with two user ids, an agent's conclusions, sealed values, consent and something sent. */
async function live(desk: Desk): Promise<void> {
  await desk.install('tour')
  await desk.send(
    identify('ada', { email: 'ada@canary.test', firstName: 'Ada', plan: 'pro' }),
    track('ada', 'Order Completed', { total: 5, email: 'other@canary.test' }),
    identify('ada-before', { phone: '+49 30 1234567' }),
    track('ada-before', '=HYPERLINK("https://evil.test")', {}),
    alias('ada', 'ada-before'),
  )
  const input = consentInputSchema.parse({
    subject: { namespace: 'user_id', value: 'ada' },
    purpose: 'marketing.promotion',
    channel: 'webhook',
    decision: 'granted',
    proof: { method: 'canary-form' },
  })
  await recordConsent(desk.board, desk.intake, desk.workspaceId, 'principal:x', input)
  await desk.idle()
  const ada = await desk.profileOf('ada')
  await desk.sql`
    insert into profile_state (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
    values (${desk.workspaceId}, ${ada}, 'tour', 1, 1, '{"visits": 3}', 13, now())`
  await desk.sql`
    insert into trait_conflict (workspace_id, profile_id, id, trait, rule, winner_kind, winner, loser, value, stood,
      confidence, winner_confidence, revision, state, found_at, at)
    values (${desk.workspaceId}, ${ada}, 'x', 'tier', 'latest', 'agent', 'a/a', 'tour/count', '"gold"', '"silver"', 1,
      1, 1, 'settled', now(), now())`
  await desk.sql`
    insert into intent (workspace_id, profile_id, id, agent, kind, resource, state, cause, hop, trail, announced_at,
      closes_at, due_at)
    values (${desk.workspaceId}, ${ada}, 'x', 'tour/count', 'spend', 'channel:email', 'open', 'm:x', 0, '', now(),
      'infinity', 'infinity')`
}

test('access gives all that is known of every merged profile, in words and twice over (Art. 15)', async () => {
  await using desk = await openDesk({ works: true })
  await live(desk)
  const { id } = await desk.ask('ada', 'access', {}, 'verified')
  const files = await fetched(desk, id)
  expect([...files.keys()]).toEqual([
    ...[
      'identifiers',
      'traits',
      'events',
      'consents',
      'decisions',
      'activations',
      'states',
      'conflicts',
      'intents',
      'requests',
    ].flatMap((part) => [`${part}.json`, `${part}.csv`]),
    'notice.json',
    'manifest.json',
  ])
  expect(rowsIn(files, 'identifiers.json').map(({ value }) => value)).toEqual(
    expect.arrayContaining(['ada', 'ada-before', 'ada@canary.test', '+49301234567']),
  )
  const traits = new Map(rowsIn(files, 'traits.json').map((row) => [row['key'], row]))
  expect(traits.get('email')).toMatchObject({ value: 'ada@canary.test', class: 'contact' })
  expect(traits.get('orders')).toMatchObject({ value: 1, origin: 'concluded', confidence: 0.9 })
  expect(traits.get('orders')?.['logic']).toMatch(/From: .*Order Completed.*For: /)
  const order = rowsIn(files, 'events.json').find(({ name }) => name === 'Order Completed')
  expect(order?.['properties']).toEqual({ total: 5, email: 'other@canary.test' })
  expect(rowsIn(files, 'consents.json')).toMatchObject([{ proof: { method: 'canary-form' } }])
  expect(files.get('events.csv')).toContain(`,"'=HYPERLINK(""https://evil.test"")",`)
  expect(rowsIn(files, 'states.json')).toMatchObject([{ program: 'tour', state: { visits: 3 } }])
  expect(rowsIn(files, 'conflicts.json')).toMatchObject([
    { trait: 'tier', program: 'tour/count', value: 'gold', stoodInstead: 'silver' },
  ])
  expect(rowsIn(files, 'intents.json')).toMatchObject([
    { program: 'tour/count', kind: 'spend', resource: 'channel:email', state: 'open' },
  ])
  expect(rowsIn(files, 'requests.json')).toMatchObject([{ id, kind: 'access' }])
  expect(files.get('notice.json')).toMatch(/supervisory authority/)
  expect(JSON.parse(files.get('manifest.json') ?? '')).toMatchObject({
    request: id,
    article: 'Art. 15',
    profiles: 2,
    rows: { consents: 1 },
    withheld: [],
  })
})

test('portability gives what the person provided, and nothing that was made of it (Art. 20)', async () => {
  await using desk = await openDesk({ works: true })
  await defineTrait(desk.officer, {
    key: 'fraud_flag',
    dataClass: 'none',
    purposes: ['security'],
    reason: 'test',
  })
  await live(desk)
  await desk.send(identify('ada', { fraud_flag: true }))
  const { id } = await desk.ask('ada', 'portability', {}, 'verified')
  const files = await fetched(desk, id)
  expect([...files.keys()].filter((name) => name.endsWith('.json'))).toEqual([
    'identifiers.json',
    'traits.json',
    'events.json',
    'manifest.json',
  ])
  const keys = rowsIn(files, 'traits.json').map(({ key }) => key)
  expect(keys).toEqual(['email', 'firstName', 'phone', 'plan'])
})

test('what is refused is left out, and the package says what and why (Art. 12(4), 15(4))', async () => {
  await using desk = await openDesk({ works: true })
  await live(desk)
  const { id } = await desk.ask('ada', 'access', {}, 'verified')
  await refuseRequestPart(desk.officer, { id, part: 'events', reason: 'rights_of_others' })
  await refuseRequestPart(desk.officer, { id, part: 'trait:plan', reason: 'legal_claims' })
  const files = await fetched(desk, id)
  expect(files.has('events.json')).toBe(false)
  expect(rowsIn(files, 'traits.json').map(({ key }) => key)).not.toContain('plan')
  expect(JSON.parse(files.get('manifest.json') ?? '')).toMatchObject({
    withheld: [{ part: 'events', reason: 'rights_of_others' }, { part: 'trait:plan' }],
  })
  expect(await completeRequest(desk.officer, id)).toMatchObject({ state: 'partially_completed' })
})

test('no byte leaves before the person is known, and no fetch goes unwritten (Art. 12(6), 32)', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada', { email: 'ada@canary.test' }))
  const asserted = await desk.ask('ada', 'access', {}, 'asserted')
  await expect(fetchPackage(desk.officer, asserted.id)).rejects.toMatchObject({
    code: 'identity_unverified',
  })
  const { id } = await desk.ask('ada', 'access', {}, 'verified')
  for (const role of ['app', 'auditor', 'operator'] as const) {
    const stranger = await desk.reader(role)
    await expect(fetchPackage(stranger, id)).rejects.toMatchObject({ code: 'forbidden' })
  }
  await fetched(desk, id)
  await completeRequest(desk.officer, id)
  await fetched(desk, id)
  desk.clock.advance(31 * 86_400_000)
  await expect(fetchPackage(desk.officer, id)).rejects.toMatchObject({
    code: 'request_step_refused',
  })
  expect(await desk.acts(id)).toEqual(['opened', 'verified', 'fetched', 'completed', 'fetched'])
  expect(JSON.stringify(await desk.audited())).not.toMatch(/canary/)
})

test('a history of ten thousand events is handed over a page at a time', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada'))
  const home = await desk.profileOf('ada')
  await desk.sql`
    insert into event (workspace_id, profile_id, id, source_id, message_id, type, name, properties,
      occurred_at, received_at)
    select ${desk.workspaceId}, ${home}, '02' || lpad(n::text, 24, '0'), 'test', 'm' || n, 'track', 'Viewed',
      jsonb_build_object('text', repeat('x', 1000)), now(), now()
    from generate_series(1, 10000) as n`
  const { id } = await desk.ask('ada', 'access', {}, 'verified')
  const { chunks } = await fetchPackage(desk.officer, id)
  const parts: Buffer[] = []
  let largest = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    largest = Math.max(largest, chunk.length)
  }
  expect(largest).toBeLessThan(100_000)
  const files = unzip(Buffer.concat(parts))
  expect(rowsIn(files, 'events.json')).toHaveLength(10_001)
  expect(files.get('events.csv')?.split('\r\n')).toHaveLength(10_003)
})
