import { describe, expect, test } from 'vitest'
import type { Handled } from '../../../../core/egress/handle.ts'
import { eventsAmong, inputOf, premiseOf } from '../../../../core/flow/react/slice.ts'
import { agentOf, claimedOf, from, now, rowOf } from './given.ts'

const all = (): boolean => true
const handleOf = ({ profileId, key, source }: Handled): string =>
  `${profileId} ${key} ${JSON.stringify(source)}`
const open = { visible: all, allowsEvents: all, allowsProperty: all, handles: all, handleOf, now }
const { manifest } = agentOf()
const order = {
  id: '01E',
  type: 'track',
  name: 'Order',
  at: now,
  properties: { total: 5, secret: 'x' },
}
const events = new Map([[order.id, order]])

const traitsOf = (row: ReturnType<typeof rowOf>, visible = all) =>
  inputOf(manifest, row, claimedOf(), { ...open, events, visible }).profile.traits

describe('what an agent is handed', () => {
  test('has a declared trait with its author, time, confidence and revision, and not where it is kept', () => {
    expect(traitsOf(rowOf({ plan: ['pro', from()] }))['plan']).toEqual({
      value: 'pro',
      confidence: 1,
      author: { kind: 'source', id: 'shop' },
      revision: 1,
      writtenAt: '2026-01-01T00:00:00.000Z',
    })
  })

  test('lacks a trait that it did not declare, even one it writes', () => {
    expect(traitsOf(rowOf({ score: [1, from()], other: [1, from()] }))).toEqual({})
  })

  test('lacks what expired, and has what has not yet', () => {
    const expiring = (expiresAt: string) => traitsOf(rowOf({ plan: ['pro', from({ expiresAt })] }))
    expect(expiring('2026-01-02T00:00:00.000Z')).toEqual({})
    expect(expiring('2026-01-02T00:00:00.001Z')).toHaveProperty('plan')
  })

  test('lacks what was removed or is in the vault', () => {
    expect(traitsOf(rowOf({ plan: [null, from({ removed: true })] }))).toEqual({})
    expect(traitsOf(rowOf({ plan: [null, from({ vault: 'P1' })] }))).toEqual({})
  })

  test('has handles for personal data that it declared, and not where it may not look', () => {
    const pii = agentOf({ reads: { pii: ['email', 'city', 'gone', 'old'] } }).manifest
    const row = rowOf({
      email: [null, from({ vault: 'P0', confidence: 0.5 })],
      city: ['Bonn', from()],
      gone: [null, from({ removed: true })],
      old: [null, from({ vault: 'P0', expiresAt: '2026-01-02T00:00:00.000Z' })],
      phone: [null, from({ vault: 'P0' })],
    })
    const handed = (handles: () => boolean) =>
      inputOf(pii, row, claimedOf(), { ...open, events, handles }).profile.traits
    expect(handed(all)).toMatchObject({
      email: { value: 'P1 email {"vault":"P0"}', confidence: 0.5 },
      city: { value: 'P1 city {"value":"Bonn"}' },
    })
    expect(Object.keys(handed(all))).toEqual(['email', 'city'])
    expect(handed(() => false)).toEqual({})
  })

  test('lacks what the policy refuses', () => {
    expect(traitsOf(rowOf({ plan: ['pro', from()] }), () => false)).toEqual({})
  })

  test('has no trait that only every object has, and has one of that name', () => {
    const agent = agentOf({ reads: { traits: ['constructor'], pii: [], events: {} } })
    const handed = (row: ReturnType<typeof rowOf>) =>
      inputOf(agent.manifest, row, claimedOf('t:constructor'), { ...open, events })
    expect(handed(rowOf({})).profile.traits).toEqual({})
    expect(premiseOf(agent.manifest, rowOf({})).absent).toContain('constructor')
    const row = rowOf(Object.fromEntries([['constructor', ['x', from()]]]))
    expect(Object.keys(handed(row).profile.traits)).toEqual(['constructor'])
  })

  test('has the declared properties of an event and no other', () => {
    const { causes } = inputOf(manifest, rowOf(null), claimedOf('e:P0:01E'), {
      ...open,
      events,
    })
    expect(causes).toEqual([
      {
        kind: 'event',
        id: '01E',
        type: 'track',
        name: 'Order',
        timestamp: now.toISOString(),
        properties: { total: 5 },
      },
    ])
  })

  test('has no property of an event where the policy lets it read none, or not that one', () => {
    const handed = (view: object) =>
      inputOf(manifest, rowOf(null), claimedOf('e:P0:01E'), { ...open, events, ...view }).causes
    expect(handed({ allowsEvents: () => false })).toMatchObject([{ id: '01E', properties: {} }])
    expect(handed({ allowsProperty: (key: string) => key !== 'total' })).toMatchObject([
      { id: '01E', properties: {} },
    ])
  })

  test('does not take a property from the prototype for a declared one', () => {
    const greedy = agentOf({ reads: { events: { Order: ['constructor', 'toString'] } } }).manifest
    const { causes } = inputOf(greedy, rowOf(null), claimedOf('e:P0:01E'), {
      ...open,
      events,
    })
    expect(causes).toMatchObject([{ properties: {} }])
  })

  test('names every kind of cause, and leaves out an event that is no longer kept', () => {
    const claimed = claimedOf('e:P0:gone', 't:01C:plan', 'c:01D:marketing.ads:email', 'm:x')
    expect(
      inputOf(manifest, rowOf({ plan: [1, from()] }), claimed, { ...open, events }).causes,
    ).toEqual([
      { kind: 'trait', key: 'plan', author: { kind: 'source', id: 'shop' } },
      { kind: 'consent', purpose: 'marketing.ads', channel: 'email' },
      { kind: 'manual' },
    ])
  })
})

test('a premise speaks of everything read or about to be written, present or not', () => {
  expect(
    premiseOf(manifest, rowOf({ plan: [1, from({ revision: 4 })] }, { legalVersion: 3 })),
  ).toEqual({
    read: { plan: { revision: 4 } },
    absent: ['score'],
    legalVersion: 3,
  })
})

test('events are asked for under the profile they arrived on', () => {
  expect(eventsAmong([claimedOf('e:P0:01E', 't:01C:plan')])).toEqual([{ home: 'P0', id: '01E' }])
})
