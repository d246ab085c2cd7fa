import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Channel, Delivery, FollowUpMessage, Message } from './channel.ts'
import { resolveHost } from './address.ts'

export interface WebhookOptions {
  /** Lets messages reach loopback and private ranges, and plain http: for development. */
  allowPrivate: boolean
  /** Hosts with port, such as `127.0.0.1:4001`, that are reached like that although the rest is not. */
  allowHosts?: readonly string[]
  /** Where an activation goes that names no destination; absent: it has to name one. */
  defaultUrl?: string | null
  timeoutMs?: number
}

// A stop waits for what is under way, and has ten seconds in all.
const defaultTimeoutMs = 5000
const socketsMax = 64

/** Posts an activation as JSON to the URL that its proposer named. Redirects are not followed. */
export function createWebhookChannel({
  allowPrivate,
  allowHosts = [],
  defaultUrl = null,
  timeoutMs = defaultTimeoutMs,
}: WebhookOptions): Channel {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: socketsMax }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: socketsMax }),
  }
  const send = async (destination: string | null, key: string, body: string): Promise<Delivery> => {
    const url = readUrl(destination ?? defaultUrl)
    if (!url) return { result: 'failed', reason: 'destination_invalid' }
    const isAllowed = allowPrivate || allowHosts.includes(url.host)
    if (url.protocol === 'http:' && !isAllowed) {
      return { result: 'failed', reason: 'destination_not_https' }
    }
    const target = await resolveHost(url.hostname, isAllowed)
    if ('refused' in target) {
      return target.refused === 'destination_unknown'
        ? { result: 'retry', reason: target.refused }
        : { result: 'failed', reason: target.refused }
    }
    const secure = url.protocol === 'https:'
    return post(secure ? httpsRequest : httpRequest, url, body, key, {
      agent: secure ? agents['https:'] : agents['http:'],
      // The whole exchange, not its pauses: a receiver that answers byte by byte would hold it for ever.
      signal: AbortSignal.timeout(timeoutMs),
      // Connects to the address that was checked, under the name that the URL has.
      lookup: (_host, options, answer) =>
        options.all ? answer(null, [target]) : answer(null, target.address, target.family),
    })
  }
  return {
    needsDestination: defaultUrl === null,
    addressedBy: null,
    circuitOf: (destination) => `webhook:${hostOf(destination ?? defaultUrl)}`,
    deliver: (message) => send(message.destination, message.id, bodyOf(message)),
    follow: (message) => send(message.destination, message.id, followUpBodyOf(message)),
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
      return Promise.resolve()
    },
  }
}
const hostOf = (destination: string | null): string => readUrl(destination)?.host ?? 'invalid'

function readUrl(text: string | null): URL | undefined {
  if (text === null || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  return isWeb && url.username === '' && url.password === '' ? url : undefined
}

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

function post(
  request: typeof httpRequest,
  url: URL,
  body: string,
  key: string,
  options: RequestOptions,
): Promise<Delivery> {
  const { promise, resolve } = Promise.withResolvers<Delivery>()
  const sent = request(
    url,
    {
      ...options,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': key,
        'user-agent': 'slateboard',
      },
    },
    (response) => {
      // The status says all; what follows it is read only to free the connection.
      resolve(deliveryOf(response.statusCode ?? 0))
      response.on('error', () => {})
      response.resume()
    },
  )
  sent.on('error', () => {
    const isLate = options.signal?.aborted === true
    resolve({ result: 'retry', reason: isLate ? 'timeout' : 'unreachable' })
  })
  sent.end(body)
  return promise
}

// What a receiver may answer differently later: timeouts, conflicts, rate limits and its own failures.
const worthRetrying: ReadonlySet<number> = new Set([408, 409, 425, 429])

function deliveryOf(status: number): Delivery {
  if (status >= 200 && status < 300) return { result: 'sent' }
  const reason = `http_${status}`
  return { result: status >= 500 || worthRetrying.has(status) ? 'retry' : 'failed', reason }
}
