import type { Channel, FollowUpMessage, Message } from './channel.ts'
import type { Trace } from '../../model/trace.ts'
import { createPoster, readUrl, type PosterOptions } from './post.ts'
import { signatureOf, type Signer } from './signature.ts'

export interface WebhookOptions extends PosterOptions {
  /** Where an activation goes that names no destination; absent: it has to name one. */
  defaultUrl?: string | null
}

/** Posts an activation as JSON, signed, to the URL that its proposer named. Redirects are not followed. */
export function createWebhookChannel(
  { defaultUrl = null, ...options }: WebhookOptions,
  signer: Signer,
): Channel {
  const poster = createPoster(options)
  const send = (
    { id, workspaceId, ...message }: Message | FollowUpMessage,
    body: string,
    trace?: Trace,
  ) => {
    const destination = message.destination ?? defaultUrl
    return poster.post(destination, body, {
      'idempotency-key': id,
      ...(trace === undefined ? {} : { traceparent: trace }),
      ...signatureOf(signer, { workspaceId, destination, id, body }),
    })
  }
  return {
    needsDestination: defaultUrl === null,
    addressedBy: null,
    circuitOf: (destination) => `webhook:${hostOf(destination ?? defaultUrl)}`,
    deliver: (message) => send(message, bodyOf(message), message.trace),
    follow: (message) => send(message, followUpBodyOf(message)),
    close() {
      poster.close()
      return Promise.resolve()
    },
  }
}

const hostOf = (destination: string | null): string => readUrl(destination)?.host ?? 'invalid'

const bodyOf = ({ id, purpose, profileId, content, fields }: Message): string =>
  JSON.stringify({ activation: id, purpose, profile: profileId, content, fields })

const followUpBodyOf = (message: FollowUpMessage): string =>
  JSON.stringify({
    type: message.kind,
    id: message.id,
    profile: message.profileId,
    purpose: message.purpose,
    channel: message.channel,
    at: message.at,
    activations: message.activationIds,
  })
