import { expect, test } from 'vitest'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { openSealed, placeKey } from '../../../core/openSealed.ts'
import { eraseByRequest } from '../../../core/subject/eraseRequest.ts'
import { completeRequest, refuseRequestPart } from '../../../core/subject/handleRequest.ts'
import { rectifySubject } from '../../../core/subject/rectify.ts'
import { identify, track } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'

type Desk = Awaited<ReturnType<typeof openDesk>>

async function traitsOf(desk: Desk, user: string) {
  const id = await desk.profileOf(user)
  const [row] = await desk.sql<
    { traits: Record<string, unknown>; provenance: Record<string, { author: object }> }[]
  >`select traits, provenance from profile where id = ${id}`
  return { id, traits: row?.traits ?? {}, provenance: row?.provenance ?? {} }
}

test('a person’s correction stands over what was known, in the vault where it was, with its author (Art. 16)', async () => {
  await using desk = await openDesk()
  const future = new Date(desk.clock.now().getTime() + 60_000)
  await desk.send(
    identify('ada', { plan: 'free', email: 'wrong@canary.test' }, { timestamp: future }),
  )
  const { id } = await desk.ask('ada', 'rectification', {}, 'verified')
  const traits = { plan: 'pro', email: 'right@canary.test' }
  expect(await rectifySubject(desk.officer, { id, traits })).toMatchObject({ acts: 1 })
  const ada = await traitsOf(desk, 'ada')
  expect(ada.traits).toEqual({ plan: 'pro' })
  const author = { kind: 'principal', id: desk.officer.principal.id }
  expect(ada.provenance['plan']).toMatchObject({ author, cause: id, confidence: 1 })
  const place = { profileId: ada.id, key: 'trait/email' }
  const opened = await openSealed(desk.board, desk.workspaceId, [place])
  expect(opened.get(placeKey(place))).toBe('"right@canary.test"')
  expect(JSON.stringify(await desk.audited())).not.toMatch(/canary/)
  expect(await desk.acts(id)).toEqual(['opened', 'verified', 'rectified'])
})

test('agents conclude anew from what was corrected, and their own conclusions are not written over', async () => {
  await using desk = await openDesk({ works: true })
  await desk.install('tour')
  await desk.send(identify('ada', { plan: 'free' }), track('ada', 'Order Completed', { total: 5 }))
  await desk.idle()
  const { id } = await desk.ask('ada', 'rectification', {}, 'verified')
  const own = rectifySubject(desk.officer, { id, traits: { orders: 7 } })
  await expect(own).rejects.toMatchObject({ code: 'trait_concluded' })
  expect((await traitsOf(desk, 'ada')).traits).toMatchObject({ orders: 1 })
})

test('an owner’s rule gives way to the person, and the schema does not', async () => {
  await using desk = await openDesk()
  await defineTrait(desk.officer, {
    key: 'size',
    dataClass: 'none',
    schema: { type: 'number' },
    conflictRule: 'owner',
    owners: ['source:test'],
    reason: 'test',
  })
  await desk.send(identify('ada', { size: 38 }))
  const { id } = await desk.ask('ada', 'rectification', {}, 'verified')
  await rectifySubject(desk.officer, { id, traits: { size: 39 } })
  expect((await traitsOf(desk, 'ada')).traits).toEqual({ size: 39 })
  await expect(
    rectifySubject(desk.officer, { id, traits: { size: 'large' } }),
  ).rejects.toMatchObject({ code: 'bad_input' })
  await rectifySubject(desk.officer, { id, traits: { size: null } })
  expect((await traitsOf(desk, 'ada')).traits).toEqual({})
})

test('nothing is corrected or erased before the person is known (Art. 12(6))', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada', { plan: 'free' }))
  const { officer } = desk
  const asked = await desk.ask('ada', 'rectification', {}, 'asserted')
  const erasure = await desk.ask('ada', 'erasure', {}, 'asserted')
  for (const act of [
    () => rectifySubject(officer, { id: asked.id, traits: { plan: 'pro' } }),
    () => eraseByRequest(officer, { id: erasure.id, reason: 'consent_withdrawn' }),
  ]) {
    await expect(act()).rejects.toMatchObject({ code: 'identity_unverified' })
  }
  expect((await traitsOf(desk, 'ada')).traits).toEqual({ plan: 'free' })
})

test('a person is erased by their request, twice at most once, and the request shows it was answered (Art. 17)', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada', { plan: 'free', email: 'ada@canary.test' }))
  const { officer } = desk
  const { id } = await desk.ask('ada', 'erasure', {}, 'verified')
  await eraseByRequest(officer, { id, reason: 'consent_withdrawn' })
  await eraseByRequest(officer, { id, reason: 'consent_withdrawn' })
  expect(await completeRequest(officer, id)).toMatchObject({ state: 'completed' })
  const receipts = await desk.sql<{ id: string }[]>`select id from erasure_receipt`
  expect(receipts).toHaveLength(1)
  const events = await desk.sql<{ details: { receipts?: string[] } }[]>`
    select details from subject_request_event where act = 'erased' order by id`
  expect(events.map(({ details }) => details.receipts)).toEqual([
    [receipts[0]?.id],
    [receipts[0]?.id],
  ])
  // Asked again, they are nobody here.
  expect(await desk.ask('ada', 'access')).toMatchObject({ profileIds: [] })
})

test('an erasure that is refused in part keeps evidence and nothing that tells of the person (Art. 17(3))', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada', { plan: 'free' }))
  const { officer } = desk
  const { id } = await desk.ask('ada', 'erasure', {}, 'verified')
  await refuseRequestPart(officer, { id, part: 'events', reason: 'legal_obligation' })
  const erase = () => eraseByRequest(officer, { id, reason: 'unlawful' })
  await expect(erase()).rejects.toMatchObject({ code: 'erasure_not_partial' })
  const other = await desk.ask('ada', 'erasure', {}, 'verified')
  await refuseRequestPart(officer, { id: other.id, part: 'consents', reason: 'legal_claims' })
  await eraseByRequest(officer, { id: other.id, reason: 'unlawful' })
  expect(await completeRequest(officer, other.id)).toMatchObject({ state: 'partially_completed' })
})
