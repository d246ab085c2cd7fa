/**
 * `ctx.generate`: a language model behind any OpenAI-compatible API, spoken to by the `ai` package. Its one request is made
 * by whoever makes those of `ctx.fetch`, so it is declared, decided, filled in, counted and covered as they are.
 */
import { z } from 'zod'
import type { Generated } from '../host/contract.ts'
import { CallDenied } from '../host/denied.ts'
import { secretNameSchema } from '../model/manifest.ts'
import { purposeSchema } from '../model/purpose.ts'
import { deny } from './deny.ts'
import { handlePattern } from './handle.ts'
import { jsonIn, readUrl } from './request.ts'
import type { Answer } from './send.ts'

/** Makes one request, given as `ctx.fetch` words it. @throws CallDenied */
export type Send = (asked: string) => Promise<Answer>

const initSchema = z.strictObject({
  url: z.string().max(8000),
  model: z.string().min(1).max(200),
  key: secretNameSchema.optional(),
  system: z.string().optional(),
  prompt: z.string().min(1),
  maxOutputTokens: z.int().min(1).max(8192).optional(),
  temperature: z.number().min(0).max(2).optional(),
  purpose: purposeSchema.optional(),
})
type Init = z.infer<typeof initSchema>

/** @throws CallDenied of the request, or model_failed */
export async function generate(text: string, send: Send): Promise<Generated> {
  const init = readInit(text)
  const { url, model, key, system, prompt, maxOutputTokens, temperature } = init
  const host = readUrl(url).hostname
  // Few processes ever ask a model: the packages cost 0.1 s and are loaded with the first call.
  const [{ generateText }, { createOpenAICompatible }] = await Promise.all([
    import('ai'),
    import('@ai-sdk/openai-compatible'),
  ])
  const request = asRequests(init, send)
  const provider = createOpenAICompatible({
    name: 'model',
    baseURL: url,
    fetch: request.fetch,
    ...(key === undefined ? {} : { apiKey: `{{secret:${key}}}` }),
  })
  try {
    const said = await generateText({
      model: provider.chatModel(model),
      prompt,
      // The plugin knows whether it is worth another call.
      maxRetries: 0,
      ...(system === undefined ? {} : { system }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      ...(temperature === undefined ? {} : { temperature }),
    })
    return {
      text: said.text,
      finishReason: said.finishReason,
      inputTokens: said.usage.inputTokens ?? null,
      outputTokens: said.usage.outputTokens ?? null,
    }
  } catch (thrown) {
    if (request.denied) throw request.denied
    // What the API said may be anything, and is not repeated.
    const reason = thrown instanceof Error ? thrown.name : 'unknown'
    throw deny('model_failed', { host, reason })
  }
}

/** @throws CallDenied call_invalid or handle_in_prompt */
function readInit(text: string): Init {
  const read = initSchema.safeParse(jsonIn(text))
  if (!read.success) {
    const issue = read.error.issues[0]
    const reason = issue?.code.replaceAll('_', ' ') ?? ''
    throw deny('call_invalid', { path: String(issue?.path[0] ?? 'the whole'), reason })
  }
  const { system = '', prompt } = read.data
  if (handlePattern().test(`${system}\n${prompt}`)) throw deny('handle_in_prompt')
  return read.data
}

interface Requests {
  fetch: typeof globalThis.fetch
  /** Why the request was not made; whatever speaks to the model wraps it. */
  denied: CallDenied | undefined
}

function asRequests({ purpose }: Init, send: Send): Requests {
  const requests: Requests = {
    denied: undefined,
    async fetch(url, init) {
      const headers = new Headers(init?.headers)
      // The host says who it is by itself.
      headers.delete('user-agent')
      const asked = {
        url: new Request(url).url,
        method: 'POST',
        headers: Object.fromEntries(headers),
        purpose,
      }
      try {
        const { status, text } = await send(JSON.stringify({ ...asked, body: init?.body }))
        return new Response(text === '' ? null : text, {
          status,
          headers: { 'content-type': 'application/json' },
        })
      } catch (thrown) {
        if (thrown instanceof CallDenied) requests.denied = thrown
        throw thrown
      }
    },
  }
  return requests
}
