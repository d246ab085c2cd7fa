/** What a plugin asked to have sent, checked: everything here is a stranger's word. Pure. */
import { z } from 'zod'
import { hostMatches } from '../host/outcome.ts'
import type { NetworkEntry } from '../model/manifest.ts'
import { covers, purposeSchema } from '../model/purpose.ts'
import { deny } from './deny.ts'

const headersMax = 30
const headerCharsMax = 8192

// What the host itself says, or what would change how the request is carried.
const ownHeaders =
  /^(host|content-length|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|accept-encoding|cookie|user-agent|(proxy|sec)-.*)$/

const headersSchema = z
  .record(
    z
      .string()
      .max(100)
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
      .toLowerCase()
      .refine((name) => !ownHeaders.test(name)),
    // Printable text of one line; \t may stand between words.
    z.string().regex(/^[\t\x20-\x7e\u0080-\u00ff]*$/),
  )
  .refine((all) => Object.keys(all).length <= headersMax)
  .refine((all) => Object.entries(all).flat().join('').length <= headerCharsMax)

const askedSchema = z.strictObject({
  url: z.string().max(8192),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  headers: headersSchema.default({}),
  body: z.string().optional(),
  purpose: purposeSchema.optional(),
})

export type Asked = z.infer<typeof askedSchema>

/** @throws CallDenied call_invalid, naming the place and nothing that stood there */
export function readAsked(text: string): Asked {
  const read = askedSchema.safeParse(jsonIn(text))
  if (!read.success) {
    const issue = read.error.issues[0]
    const path = issue?.path[0] ?? 'the whole'
    throw deny('call_invalid', {
      path: String(path),
      reason: issue?.code.replaceAll('_', ' ') ?? '',
    })
  }
  if (read.data.method === 'GET' && read.data.body !== undefined) {
    throw deny('call_invalid', { path: 'body', reason: 'a GET has none' })
  }
  return read.data
}

/** Undefined where it is no JSON. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A request that the manifest declares. */
export interface Target {
  url: URL
  entry: NetworkEntry
  purpose: string
}

/**
 * The entry of the manifest that a request is under. The host is compared as the URL standard reads it, whatever
 * script, radix or escape it was written in.
 *
 * @throws CallDenied url_invalid, not_declared or purpose_needed
 */
export function targetOf(
  { url: text, method, purpose }: Asked,
  network: readonly NetworkEntry[],
): Target {
  const url = readUrl(text)
  const { hostname: host } = url
  const able = network.filter(
    (entry) =>
      hostMatches(entry.host, host) &&
      entry.methods.includes(method) &&
      (purpose === undefined || covers(entry.purpose, purpose)),
  )
  const [entry] = able
  // What was written as a host is text of the plugin's own, and may be anything: it is named once it is declared.
  const isKnown = network.some((each) => hostMatches(each.host, host))
  if (entry === undefined)
    throw deny('not_declared', { method, host: isKnown ? host : 'this host' })
  const wanted = purpose ?? entry.purpose
  if (purpose === undefined && able.some((each) => each.purpose !== wanted)) {
    throw deny('purpose_needed', { host })
  }
  return { url, entry, purpose: wanted }
}

/** @throws CallDenied url_invalid */
export function readUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base)) throw deny('url_invalid', { reason: 'it cannot be read' })
  const url = new URL(text, base)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw deny('url_invalid', { reason: 'it is not https' })
  }
  if (url.username !== '' || url.password !== '') {
    throw deny('url_invalid', { reason: 'it holds credentials' })
  }
  if (url.hostname.endsWith('.')) throw deny('url_invalid', { reason: 'its host ends with a dot' })
  url.hash = ''
  return url
}
