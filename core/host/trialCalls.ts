/** `ctx.fetch` and `ctx.generate` in a trial: the checks that need no database, and the author's own answers. */
import { answerCall } from '../egress/answerCall.ts'
import { deny } from '../egress/deny.ts'
import type { HandleBook } from '../egress/handle.ts'
import { prepare, usesIn } from '../egress/prepare.ts'
import { readAsked, targetOf, type Asked } from '../egress/request.ts'
import type { Json } from '../model/json.ts'
import type { Manifest } from '../model/manifest.ts'
import { CallDenied, type Denial } from './denied.ts'
import type { HostCalls } from './engine.ts'

/** A request as it would leave: handles are filled in, secrets stay as they were written. */
export interface TrialRequest {
  url: string
  method: string
  headers: Readonly<Record<string, string>>
  body: string | undefined
  purpose: string
  profileId: string
}

/** What is answered; status 200 and no text by default. Or what policy, consent or network would refuse. */
export type TrialAnswer =
  | { status?: number; headers?: Record<string, string>; text?: string; json?: Json }
  | { denied: Partial<Denial> & { code: string } }

export type TrialFetch = (request: TrialRequest) => TrialAnswer | Promise<TrialAnswer>

export const trialCalls = (
  { network }: Manifest,
  profileId: string,
  handles: HandleBook,
  fetch: TrialFetch,
): HostCalls => ({
  call: (_item, name, text) =>
    answerCall(name, text, (asked) =>
      sendTrial(readAsked(asked), { network, profileId, handles, fetch }),
    ),
})

interface Way {
  network: Manifest['network']
  profileId: string
  handles: HandleBook
  fetch: TrialFetch
}

/** @throws CallDenied */
async function sendTrial(asked: Asked, { network, profileId, handles, fetch }: Way) {
  const target = targetOf(asked, network)
  for (const { token } of usesIn(asked, target)) {
    if (!handles.find(token, profileId)) throw deny('handle_unknown')
  }
  const { outbound } = prepare(asked, target, {
    secret: (secret) => `{{secret:${secret}}}`,
    pii(token) {
      const found = handles.find(token, profileId)
      return found && 'value' in found.source
        ? { key: found.key, value: found.source.value }
        : undefined
    },
  })
  const { purpose } = target
  const answer = await fetch({ ...outbound, url: outbound.url.href, purpose, profileId })
  if ('denied' in answer) {
    const { code } = answer.denied
    throw new CallDenied({ message: `Refused: ${code}.`, remedy: '', ...answer.denied })
  }
  const said = answer.json === undefined ? '' : JSON.stringify(answer.json)
  const { status = 200, headers = {} } = answer
  return { status, headers: { ...headers }, text: answer.text ?? said }
}
