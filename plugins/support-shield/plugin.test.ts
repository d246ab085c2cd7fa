import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const complaint = (what: 'Opened' | 'Closed', complaintId?: string, hour = 10): Cause => ({
  kind: 'event',
  id: `event-${what}-${hour}`,
  type: 'track',
  name: `Complaint ${what}`,
  timestamp: `2026-01-01T${hour}:00:00.000Z`,
  properties: complaintId === undefined ? {} : { complaintId },
})
const hold = [{ purpose: 'marketing', reason: 'a complaint is open' }]

test('holds marketing when a complaint opens', async () => {
  expect(await trial.react('watch', { causes: [complaint('Opened', 'c1')] })).toMatchObject({
    writes: { open_complaints: { value: { count: 1, open: ['c1'] } } },
    holds: hold,
    releases: [],
  })
})

test('keeps the hold while another complaint is open', async () => {
  const traits = { open_complaints: { count: 2, open: ['c1', 'c2'], closed: [] } }
  expect(await trial.react('watch', { traits, causes: [complaint('Closed', 'c1')] })).toMatchObject(
    {
      writes: { open_complaints: { value: { count: 1, open: ['c2'] } } },
      holds: hold,
    },
  )
})

test('releases marketing when the last complaint closes', async () => {
  const traits = { open_complaints: { count: 1, open: ['c1'], closed: [] } }
  expect(await trial.react('watch', { traits, causes: [complaint('Closed', 'c1')] })).toMatchObject(
    {
      writes: { open_complaints: { value: { count: 0, open: [] } } },
      holds: [],
      releases: ['marketing'],
    },
  )
})

test('counts a complaint once that is reported twice', async () => {
  const traits = { open_complaints: { count: 1, open: ['c1'], closed: [] } }
  expect(await trial.react('watch', { traits, causes: [complaint('Opened', 'c1')] })).toMatchObject(
    {
      writes: { open_complaints: { value: { count: 1 } } },
    },
  )
})

test('does not hold for a complaint whose end arrived before its beginning', async () => {
  const first = await trial.react('watch', { causes: [complaint('Closed', 'c1', 11)] })
  const value = first.kind === 'done' ? first.writes['open_complaints']?.value : undefined
  expect(
    await trial.react('watch', {
      traits: { open_complaints: value ?? null },
      causes: [complaint('Opened', 'c1', 10)],
    }),
  ).toMatchObject({ holds: [], releases: ['marketing'] })
})

test('closes the oldest complaint when the event names none', async () => {
  const causes = [
    complaint('Opened', 'c1', 10),
    complaint('Opened', 'c2', 11),
    complaint('Closed', undefined, 12),
  ]
  expect(await trial.react('watch', { causes })).toMatchObject({
    writes: { open_complaints: { value: { open: ['c2'] } } },
    holds: hold,
  })
})
