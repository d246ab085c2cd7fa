import { expect, test } from 'vitest'
import { findProfile } from '../../../core/read/findProfile.ts'
import { listPins } from '../../../core/read/readTraits.ts'
import { liftTraitPin, reviewTrait } from '../../../core/subject/reviewTrait.ts'
import { reviewDecision } from '../../../core/subject/protect.ts'
import { alias, identify, track } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'

/** Ada, of whom an agent counted one order. */
async function open() {
  const desk = await openDesk({ works: true })
  await desk.install('tour')
  const order = async () => {
    await desk.send(track('ada', 'Order Completed', { total: 5 }))
    await desk.idle()
  }
  await desk.send(identify('ada', { plan: 'free' }))
  await order()
  return {
    ...desk,
    order,
    contest: (level = 'verified', trait = 'orders') =>
      desk.ask('ada', 'automated_decision_review', { trait }, level),
    async orders() {
      const [row] = await desk.sql<{ value: unknown; pinned: string | null }[]>`
        select p.traits -> 'orders' as value, p.provenance -> 'orders' ->> 'pinned' as pinned
        from profile p where p.id = ${await desk.profileOf('ada')}`
      return row
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  }
}

test('an overturned conclusion goes, and no agent writes it for this person until that is lifted (Art. 22(3))', async () => {
  await using desk = await open()
  const { id } = await desk.contest('asserted')
  expect(await desk.orders()).toEqual({ value: 1, pinned: null })
  await reviewTrait(desk.officer, { id, verdict: 'overturned' })
  expect(await desk.orders()).toEqual({ value: null, pinned: id })
  await desk.order()
  expect(await desk.orders()).toEqual({ value: null, pinned: id })
  const profile = await findProfile(desk.officer, { id: await desk.profileOf('ada') })
  if (!profile) throw new TypeError('the officer does not see the profile')
  expect(listPins(desk.officer, profile)).toEqual([{ key: 'orders', requestId: id }])
  expect(listPins(await desk.reader('app'), profile)).toEqual([])
  expect(await desk.acts(id)).toEqual(['opened', 'verified', 'reviewed'])
  expect(await desk.metrics.registry.metrics()).toMatch(/trait_pinned/)

  await liftTraitPin(desk.officer, id)
  await desk.order()
  expect(await desk.orders()).toEqual({ value: 1, pinned: null })
  await expect(liftTraitPin(desk.officer, id)).rejects.toMatchObject({
    code: 'request_step_refused',
  })
})

test('what is right takes the place of a conclusion, of a person who is known by more than their word', async () => {
  await using desk = await open()
  const asserted = await desk.contest('asserted')
  const replace = (id: string) => reviewTrait(desk.officer, { id, verdict: 'overturned', value: 7 })
  await expect(replace(asserted.id)).rejects.toMatchObject({ code: 'identity_unverified' })
  const { id } = await desk.contest()
  await replace(id)
  await desk.order()
  expect(await desk.orders()).toEqual({ value: 7, pinned: id })
  const [last] = await desk.sql`
    select details from subject_request_event where request_id = ${id} and act = 'reviewed'`
  expect(last?.['details']).toEqual({
    verdict: 'overturned',
    trait: 'orders',
    became: 'replaced',
    recipientsToTell: 0,
  })
})

test('a pin goes with the person into the profile that they are merged with', async () => {
  await using desk = await openDesk({ works: true })
  await desk.install('tour')
  await desk.send(identify('older', { plan: 'free' }))
  await desk.send(track('older', 'Order Completed', { total: 5 }))
  await desk.send(track('ada', 'Order Completed', { total: 5 }))
  await desk.idle()
  const { id } = await desk.ask('ada', 'automated_decision_review', { trait: 'orders' }, 'verified')
  await reviewTrait(desk.officer, { id, verdict: 'overturned' })
  await desk.send(alias('ada', 'older'))
  await desk.send(track('older', 'Order Completed', { total: 5 }))
  await desk.idle()
  const rows = await desk.sql`
    select traits ? 'orders' as stands, provenance -> 'orders' ->> 'pinned' as pinned
    from profile where id = canonical_id`
  expect(rows).toEqual([{ stands: false, pinned: id }])
})

test('a conclusion stands only with a reason, and only a conclusion is reviewed (refused)', async () => {
  await using desk = await open()
  const { id } = await desk.contest()
  const review = (input: object) => reviewTrait(desk.officer, { id, ...input })
  for (const input of [
    { verdict: 'confirmed' },
    { verdict: 'confirmed', reason: 'because' },
    { verdict: 'confirmed', reason: 'sources_right', value: 3 },
    { verdict: 'overturned', reason: 'sources_right' },
  ]) {
    await expect(review(input)).rejects.toMatchObject({ code: 'bad_input' })
  }
  await review({ verdict: 'confirmed', reason: 'sources_right' })
  expect(await desk.orders()).toEqual({ value: 1, pinned: null })
  await expect(reviewDecision(desk.officer, { id, verdict: 'overturned' })).rejects.toMatchObject({
    code: 'bad_input',
  })
  const stated = await desk.contest('verified', 'plan')
  await expect(
    reviewTrait(desk.officer, { id: stated.id, verdict: 'overturned' }),
  ).rejects.toMatchObject({ code: 'trait_not_concluded' })
  const both = { trait: 'orders', decision: { profileId: 'a', id: 'b' } }
  for (const more of [{}, both]) {
    await expect(desk.ask('ada', 'automated_decision_review', more)).rejects.toMatchObject({
      code: 'bad_input',
    })
  }
})
