import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const review = (text: string, config: JsonObject = {}) =>
  trial.react('review', {
    config,
    traits: { message_content: { draft: 'd1', subject: 'Hello', text } },
  })

test('lets a fit draft pass, and ends the objection to the one before', async () => {
  expect(await review('We have begun to miss you.')).toMatchObject({
    writes: { brand_safety: { value: { verdict: 'fit', draft: 'd1', found: [] } } },
    holds: [],
    releases: ['marketing'],
  })
})

test('objects to a draft with a word of a category that is not wanted', async () => {
  expect(await review('Win the jackpot! This is your last warning.')).toMatchObject({
    writes: { brand_safety: { value: { verdict: 'unfit', found: ['gambling', 'pressure'] } } },
    holds: [
      { purpose: 'marketing', reason: 'the draft is not fit for the brand: gambling, pressure' },
    ],
    releases: [],
  })
})

test('finds words whatever they are dressed as, and whole words only', async () => {
  for (const text of ['CASINO', 'cas\u00adino', 'ｃａｓｉｎｏ', 'Cásino!', 'the "casino"'])
    expect(await review(text), text).toMatchObject({ holds: [{ purpose: 'marketing' }] })
  expect(await review('Occasinoal greetings')).toMatchObject({ holds: [] })
})

test('goes by the words and categories of the config', async () => {
  expect(await review('A glass of wine')).toMatchObject({ holds: [] })
  expect(await review('A glass of wine', { categories: ['alcohol'] })).toMatchObject({
    holds: [{ reason: expect.stringContaining('alcohol') }],
  })
  expect(await review('Better than  Acme-Corp', { words: ['acme corp'] })).toMatchObject({
    writes: { brand_safety: { value: { found: ['word'] } } },
  })
})

test('does not repeat the word that it found', async () => {
  const outcome = await review('Better than Acme', { words: ['acme'] })
  expect(JSON.stringify(outcome)).not.toMatch(/acme/i)
})

test('vetoes a message that another agent announces, while the draft is not fit', async () => {
  const hear = (text: string) =>
    trial.react('review', {
      traits: { message_content: { draft: 'd1', subject: 'Hello', text } },
      causes: [
        {
          kind: 'intent',
          id: 'i1',
          state: 'open',
          agent: 'a/b',
          intent: 'message',
          resource: 'channel:email',
          direction: null,
        },
      ],
    })
  expect(await hear('Win the jackpot!')).toMatchObject({
    vetoes: [{ intent: 'i1', reason: 'the draft is not fit for the brand: gambling' }],
  })
  expect(await hear('We have begun to miss you.')).not.toHaveProperty('vetoes.0')
})
