/** Sends a plugin's request: to public addresses over TLS, redirects looked at one by one. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { resolveHost, type Lookup } from '../flow/channel/address.ts'
import { deny } from './deny.ts'
import type { Outbound } from './prepare.ts'
import { readUrl } from './request.ts'

export interface SenderOptions {
  /** Lets requests reach loopback and private ranges, other ports and plain http: for development. */
  allowPrivate: boolean
  /** Hosts with port that are reached like that although the rest is not. */
  allowHosts?: readonly string[]
  /** Certificate authorities beside those of Node. */
  ca?: string
  lookup?: Lookup
}

export interface Reply {
  status: number
  headers: Record<string, string>
  text: string
  /** Bytes sent, over all redirects. */
  bytesOut: number
}

/** What whoever asked is told of it. */
export type Answer = Omit<Reply, 'bytesOut'>

interface Terms {
  timeoutMs: number
  signal: AbortSignal
  /** Whether the manifest lets a redirect lead there. */
  mayFollow(url: URL, method: Outbound['method']): boolean
}

export interface Sender {
  /** @throws CallDenied */
  send(outbound: Outbound, terms: Terms): Promise<Reply>
  close(): void
}

const redirectsMax = 3
export const replyBytesMax = 262_144
const socketsMax = 64

export function createSender(options: SenderOptions): Sender {
  const { ca } = options
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: socketsMax }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: socketsMax, ...(ca ? { ca } : {}) }),
  }

  async function follow(outbound: Outbound, terms: Terms, signal: AbortSignal): Promise<Reply> {
    let next = outbound
    let bytesOut = 0
    for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
      bytesOut += bytesOf(next)
      const response = await hop(next, signal, options, agents)
      const location = response.headers.location
      const status = response.statusCode ?? 0
      if (!isRedirect(status) || location === undefined) {
        return { status, headers: headersOf(response), text: await read(response, next), bytesOut }
      }
      response.resume()
      next = redirected(next, status, location)
      if (!terms.mayFollow(next.url, next.method)) {
        throw deny('redirect_refused', { host: outbound.url.hostname })
      }
    }
    throw deny('too_many_redirects', { host: outbound.url.hostname, limit: redirectsMax })
  }

  return {
    async send(outbound, terms) {
      // The whole exchange, not its pauses: a receiver that answers byte by byte would hold it for ever.
      const late = AbortSignal.timeout(terms.timeoutMs)
      const signal = AbortSignal.any([late, terms.signal])
      try {
        return await follow(outbound, terms, signal)
      } catch (thrown) {
        const { hostname: host } = outbound.url
        if (terms.signal.aborted) throw deny('stopping')
        if (late.aborted) throw deny('timeout', { host, timeoutMs: terms.timeoutMs })
        // The text of a failed connection may quote what was sent.
        throw isOurs(thrown) ? thrown : deny('unreachable', { host })
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

interface Agents {
  'http:': HttpAgent
  'https:': HttpsAgent
}

/** One request to one address; the answer is still to be read. */
async function hop(
  outbound: Outbound,
  signal: AbortSignal,
  { allowPrivate, allowHosts = [], lookup }: SenderOptions,
  agents: Agents,
): Promise<IncomingMessage> {
  const { url, method, headers, body } = outbound
  const isAllowed = allowPrivate || allowHosts.includes(url.host)
  const host = url.hostname
  if (url.protocol === 'http:' && !isAllowed) throw deny('destination_not_https', { host })
  if (url.port !== '' && !isAllowed) throw deny('port_refused', { host })
  const target = await resolveHost(host, isAllowed, lookup)
  if ('refused' in target) throw deny(target.refused, { host })
  signal.throwIfAborted()
  const isSecure = url.protocol === 'https:'
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = (isSecure ? httpsRequest : httpRequest)(
    url,
    {
      method,
      headers: {
        'user-agent': 'slateboard',
        'accept-encoding': 'identity',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      agent: isSecure ? agents['https:'] : agents['http:'],
      signal,
      // Connects to the address that was checked, under the name that the URL has.
      lookup: (_host, options, answer) =>
        options.all ? answer(null, [target]) : answer(null, target.address, target.family),
    },
    resolve,
  )
  sent.on('error', reject)
  sent.end(body)
  return promise
}

const isOurs = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'CallDenied'

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** As browsers do it: only 307 and 308 send the body again. */
function redirected(before: Outbound, status: number, location: string): Outbound {
  const url = readUrl(location, before.url)
  if (status === 307 || status === 308) return { ...before, url }
  const { 'content-type': _, ...headers } = before.headers
  return { url, method: 'GET', headers, body: undefined }
}

const bytesOf = ({ url, headers, body = '' }: Outbound): number =>
  Buffer.byteLength(body) +
  url.pathname.length +
  url.search.length +
  Object.entries(headers).flat().join('').length

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === 'set-cookie' || name === '__proto__') continue
    kept[name] = String(value)
  }
  return kept
}

async function read(response: IncomingMessage, { url }: Outbound): Promise<string> {
  const host = url.hostname
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    response.destroy()
    throw deny('response_encoded', { host })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > replyBytesMax) {
      response.destroy()
      throw deny('response_too_large', { host, limit: replyBytesMax })
    }
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}
