import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Json, JsonObject } from 'slateboard/plugin'
import { openTrial, type Trial, type TrialOptions } from 'slateboard/trial'

type Answer = Awaited<ReturnType<NonNullable<TrialOptions['fetch']>>>
type Request = Parameters<NonNullable<TrialOptions['fetch']>>[0]

let trial: Trial
let answer: Answer
let requests: Request[]
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname, {
    fetch(request) {
      requests.push(request)
      return answer
    },
  })
})
beforeEach(() => {
  requests = []
  answer = { status: 500 }
})
afterAll(() => trial[Symbol.asyncDispose]())

const action = (name: string): JsonObject => ({ action: name, channel: 'email', reason: '' })
const model = { modelUrl: 'https://api.openai.com/v1/', modelName: 'small' }
const says = (content: Json): Answer => ({ json: { choices: [{ message: { content } }] } })

async function draft(traits: Record<string, Json>, config: JsonObject = {}) {
  const outcome = await trial.react('draft', { traits, config })
  return outcome.kind === 'done' ? outcome.writes['message_content']?.value : outcome
}

test('picks the template by what is to be done and by segment', async () => {
  const known = { next_best_action: action('win_back'), segment: { name: 'champion' } }
  expect(await draft(known)).toMatchObject({
    variant: 'win_back/champion',
    text: expect.stringContaining('one of our best customers'),
    fields: ['firstName'],
    by: 'template',
  })
  expect(await draft({ ...known, segment: { name: 'lost' } })).toMatchObject({
    variant: 'win_back',
  })
  expect(await draft({ segment: { name: 'loyal' } })).toMatchObject({ variant: 'nurture/loyal' })
})

test('fills in no field that is not allowed', async () => {
  expect(await draft({ segment: { name: 'lost' } }, { fields: [] })).toMatchObject({
    text: expect.stringMatching(/^Hello,\n/),
    fields: [],
  })
})

test('takes the draft back when there is nothing to say, and lets one stand for the same occasion', async () => {
  const message_content = { variant: 'win_back' }
  const quiet = await trial.react('draft', {
    traits: { next_best_action: action('none'), message_content },
  })
  expect(quiet).toMatchObject({ writes: { message_content: null } })
  expect(await draft({ next_best_action: action('win_back'), message_content })).toMatchObject({
    kind: 'cancel',
    reason: 'the draft stands',
  })
})

test('asks no model where none is configured', async () => {
  await draft({ segment: { name: 'loyal' } })
  expect(requests).toEqual([])
})

test('has the model word it, which is told placeholders and a key that it never sees', async () => {
  answer = says('```json\n{"subject":"Hi {{firstName}}","text":"Come by."}\n```')
  expect(await draft({ segment: { name: 'loyal' } }, model)).toMatchObject({
    subject: 'Hi {{firstName}}',
    text: 'Come by.',
    fields: ['firstName'],
    by: 'model',
  })
  expect(requests).toMatchObject([
    {
      url: 'https://api.openai.com/v1/chat/completions',
      purpose: 'personalization',
      headers: { authorization: 'Bearer {{secret:MODEL_KEY}}' },
    },
  ])
  expect(requests[0]?.body).toContain('{{firstName}}')
})

test.each<[string, Answer]>([
  ['is denied', { denied: { code: 'no_consent' } }],
  ['fails', { status: 503 }],
  ['says no JSON', says('Sure! Here you go.')],
  ['says nothing', says('{"subject":"Hi","text":" "}')],
  ['asks for what may not be filled in', says('{"subject":"Hi {{email}}","text":"Come by."}')],
])('goes by the template when the model %s', async (_, given) => {
  answer = given
  expect(await draft({ segment: { name: 'loyal' } }, model)).toMatchObject({
    variant: 'nurture/loyal',
    by: 'template',
  })
})

test('is refused the hosts that it does not name, and goes by the template', async () => {
  const config = { ...model, modelUrl: 'https://elsewhere.example/v1' }
  expect(await draft({ segment: { name: 'loyal' } }, config)).toMatchObject({ by: 'template' })
  expect(requests).toEqual([])
})
