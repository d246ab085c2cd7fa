import { expect, test } from 'vitest'
import { deny } from '../../../core/egress/deny.ts'
import { generate, type Send } from '../../../core/egress/generate.ts'
import type { JsonObject } from '../../../core/model/json.ts'

const init = { url: 'https://api.test/v1', model: 'small', prompt: 'Say hello.' }
const ask = (more: JsonObject, send: Send) => generate(JSON.stringify({ ...init, ...more }), send)
const says =
  (status: number, body: object): Send =>
  () =>
    Promise.resolve({ status, headers: {}, text: JSON.stringify(body) })
const hello = { choices: [{ message: { content: 'Hello.' }, finish_reason: 'stop' }] }
const code = (thrown: { denial?: { code: string; message: string } }) => thrown.denial
const never: Send = () => Promise.reject(new TypeError('it was sent'))

test('makes one request of it, worded as ctx.fetch words one', async () => {
  const sent: unknown[] = []
  const answer = await ask(
    { key: 'MODEL_KEY', system: 'Be brief.', maxOutputTokens: 50, purpose: 'service' },
    (asked) => {
      sent.push(JSON.parse(asked))
      return says(200, { ...hello, usage: { prompt_tokens: 7, completion_tokens: 2 } })(asked)
    },
  )
  expect(answer).toEqual({ text: 'Hello.', finishReason: 'stop', inputTokens: 7, outputTokens: 2 })
  expect(sent).toEqual([
    {
      url: 'https://api.test/v1/chat/completions',
      method: 'POST',
      purpose: 'service',
      headers: { 'content-type': 'application/json', authorization: 'Bearer {{secret:MODEL_KEY}}' },
      body: expect.stringMatching(/"max_tokens":50.*Be brief.*Say hello/),
    },
  ])
})

test('is denied as the request is, and asks once', async () => {
  let asked = 0
  const send: Send = () => {
    asked += 1
    return Promise.reject(deny('rate_limited', { reason: 'too many' }))
  }
  await expect(ask({}, send).catch(code)).resolves.toMatchObject({ code: 'rate_limited' })
  expect(asked).toBe(1)
})

test.each([
  [500, { error: { message: 'ada@x.test is broke' } }],
  [200, { nothing: 'of use' }],
])('tells that the model failed with status %i, and not what it said', async (status, body) => {
  const denial = await ask({}, says(status, body)).catch(code)
  expect(denial).toMatchObject({ code: 'model_failed' })
  expect(JSON.stringify(denial)).not.toMatch(/ada@|of use"/)
})

test.each([
  [{ prompt: 'Greet {{pii:email:h_0123456789abcdefghijkl}}' }, 'handle_in_prompt'],
  [{ system: 'They are pii:email:h_0123456789abcdefghijkl' }, 'handle_in_prompt'],
  [{ prompt: '' }, 'call_invalid'],
  [{ key: 'not a name' }, 'call_invalid'],
  [{ tools: [] }, 'call_invalid'],
  [{ url: 'file:///etc/passwd' }, 'url_invalid'],
])('refuses %j without asking anybody (%s)', async (more, expected) => {
  expect(await ask(more, never).catch(code)).toMatchObject({ code: expected })
})
