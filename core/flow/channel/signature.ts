/**
 * Shows receivers that a webhook comes from this Slateboard, and that nobody changed it on its way: Standard
 * Webhooks (https://www.standardwebhooks.com), which there are verifiers of for most languages.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Vault } from '../../vault.ts'
import { readUrl } from './post.ts'

export interface Signer {
  vault: Pick<Vault, 'sharedKey'>
  /** Receivers turn away what was signed long ago, so each attempt is signed anew. */
  clock: Pick<Clock, 'now'>
}

export interface Letter {
  workspaceId: number
  destination: string | null
  /** The idempotency key; the same at every attempt. */
  id: string
  body: string
}

/** None for what is no destination, and is not sent. */
export function signatureOf(
  { vault, clock }: Signer,
  { workspaceId, destination, id, body }: Letter,
): Record<string, string> {
  const place = placeOf(destination)
  if (place === undefined) return {}
  const timestamp = String(Math.floor(clock.now().getTime() / 1000))
  const signature = createHmac('sha256', keyOf(vault, workspaceId, place))
    .update(`${id}.${timestamp}.${body}`, 'utf8')
    .digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}

/** What the receiver at a destination verifies by; undefined where it is no URL that webhooks could go to. */
export function webhookSecret(
  vault: Pick<Vault, 'sharedKey'>,
  workspaceId: number,
  destination: string,
): { secret: string; place: string } | undefined {
  const place = placeOf(destination)
  if (place === undefined) return undefined
  return { place, secret: `whsec_${keyOf(vault, workspaceId, place).toString('base64')}` }
}

const keyOf = (vault: Pick<Vault, 'sharedKey'>, workspaceId: number, place: string): Buffer =>
  vault.sharedKey(`webhook/${workspaceId}/${place}`)

/** Without what stands behind `?`, which may differ from message to message: one receiver, one secret. */
function placeOf(destination: string | null): string | undefined {
  const url = readUrl(destination)
  return url && `${url.origin}${url.pathname}`
}
