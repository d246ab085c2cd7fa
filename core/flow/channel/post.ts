import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Delivery } from './channel.ts'
import { resolveHost } from './address.ts'

export interface PosterOptions {
  /** Lets messages reach loopback and private ranges, and plain http: for development. */
  allowPrivate: boolean
  /** Hosts with port, such as `127.0.0.1:4001`, that are reached like that although the rest is not. */
  allowHosts?: readonly string[]
  timeoutMs?: number
}

/** Carries JSON to places that others name: never to a private address, and never on by a redirect. */
export interface Poster {
  /** Never rejects: whatever happens is a delivery result. */
  post(
    to: string | null,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Delivery>
  close(): void
}

// A stop waits for what is under way, and has ten seconds in all.
const defaultTimeoutMs = 5000
const socketsMax = 64

export function createPoster({
  allowPrivate,
  allowHosts = [],
  timeoutMs = defaultTimeoutMs,
}: PosterOptions): Poster {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: socketsMax }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: socketsMax }),
  }
  return {
    async post(to, body, headers) {
      const url = readUrl(to)
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
      return send(secure ? httpsRequest : httpRequest, url, body, {
        headers,
        agent: secure ? agents['https:'] : agents['http:'],
        // The whole exchange, not its pauses: a receiver that answers byte by byte would hold it for ever.
        signal: AbortSignal.timeout(timeoutMs),
        // Connects to the address that was checked, under the name that the URL has.
        lookup: (_host, options, answer) =>
          options.all ? answer(null, [target]) : answer(null, target.address, target.family),
      })
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

export function readUrl(text: string | null): URL | undefined {
  if (text === null || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  return isWeb && url.username === '' && url.password === '' ? url : undefined
}

interface Sending extends Pick<RequestOptions, 'agent' | 'signal' | 'lookup'> {
  headers: Readonly<Record<string, string>>
}

function send(
  request: typeof httpRequest,
  url: URL,
  body: string,
  { headers, ...options }: Sending,
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
        'user-agent': 'slateboard',
        ...headers,
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
