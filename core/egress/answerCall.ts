/** What a plugin calls the host for comes down to requests; whoever makes these decides about them. */
import { deny } from './deny.ts'
import { generate, type Send } from './generate.ts'

/** The JSON of the answer to a call. @throws CallDenied */
export async function answerCall(name: string, text: string, send: Send): Promise<string> {
  if (name === 'fetch') return JSON.stringify(await send(text))
  if (name === 'generate') return JSON.stringify(await generate(text, send))
  throw deny('unknown_call', { name })
}
