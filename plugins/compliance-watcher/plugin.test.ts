import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause, JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const now = '2026-06-01T00:00:00.000Z'
const ago = (days: number): string => new Date(Date.parse(now) - days * 86_400_000).toISOString()
const said = (purpose: string): Cause => ({ kind: 'consent', purpose, channel: 'email' })
const author = { kind: 'source', id: 'shop' } as const

const judge = (record: JsonObject, config: JsonObject = {}) =>
  trial.react('judge', {
    now,
    config,
    traits: { consent_record: { place: null, movedAt: null, ...record } },
  })

test('notes when a word was said, and nothing of purposes that it does not watch', async () => {
  const causes = [said('marketing.promotion'), said('service')]
  expect(await trial.react('note', { now, causes })).toMatchObject({
    writes: { consent_record: { value: { heard: { 'marketing.promotion': now } } } },
  })
  expect(await trial.react('note', { now, causes: [said('service')] })).toMatchObject({
    kind: 'cancel',
  })
})

test('notes a move, and the first place that is known is none', async () => {
  const causes: Cause[] = [{ kind: 'trait', key: 'country', author }]
  const first = await trial.react('note', { now, causes, traits: { country: 'de' } })
  expect(first).toMatchObject({
    writes: { consent_record: { value: { place: 'DE', movedAt: null } } },
  })
  const record = { heard: {}, place: 'DE', movedAt: null }
  const traits = { country: 'us', region: 'ca', consent_record: record }
  expect(await trial.react('note', { now, causes, traits })).toMatchObject({
    writes: { consent_record: { value: { place: 'US-CA', movedAt: now } } },
  })
})

test('holds what was said too long ago, and nothing else', async () => {
  const heard = { 'marketing.promotion': ago(800), analytics: ago(3) }
  expect(await judge({ heard })).toMatchObject({
    writes: {
      compliance_state: { value: { status: 'refresh_needed', purposes: ['marketing.promotion'] } },
    },
    holds: [{ purpose: 'marketing.promotion', reason: 'consent has to be refreshed' }],
    releases: ['analytics'],
  })
})

test('releases what was said again', async () => {
  expect(await judge({ heard: { marketing: now } })).toMatchObject({
    writes: { compliance_state: { value: { status: 'current', purposes: [] } } },
    holds: [],
    releases: ['marketing'],
  })
})

test('holds what was said before a move, unless the config lets it stand', async () => {
  const record = { heard: { marketing: ago(5) }, movedAt: ago(2) }
  expect(await judge(record)).toMatchObject({ holds: [{ purpose: 'marketing' }] })
  expect(await judge(record, { onMove: false })).toMatchObject({ holds: [] })
})

test('goes by the days of the config', async () => {
  const record = { heard: { marketing: ago(31) } }
  expect(await judge(record, { refreshDays: 30 })).toMatchObject({
    holds: [{ purpose: 'marketing' }],
  })
  expect(await judge(record, { refreshDays: 32 })).toMatchObject({ holds: [] })
})
