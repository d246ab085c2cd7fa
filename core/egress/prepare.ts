/** Puts into a request what the plugin wrote placeholders for. Pure; the values come from the caller. */
import { hashed } from '../flow/dispatch/hashed.ts'
import type { Json } from '../model/json.ts'
import type { secretPlaces } from '../model/manifest.ts'
import { deny } from './deny.ts'
import { handlePattern } from './handle.ts'
import type { Asked, Target } from './request.ts'

/** A request as it leaves. */
export interface Outbound {
  url: URL
  method: Asked['method']
  headers: Record<string, string>
  body: string | undefined
}

/** A text that must not come back to the plugin, and what it reads instead. */
export type Echo = readonly [value: string, shown: string]

export interface Prepared {
  outbound: Outbound
  echoes: Echo[]
}

/** What the placeholders stand for. */
export interface Fillings {
  secret(name: string): string | undefined
  /** The value of a handle's token, with the trait it is of; undefined when there is no value any more. */
  pii(token: string): { key: string; value: Json } | undefined
}

/** A handle that a request uses. */
export interface Use {
  token: string
  isHashed: boolean
}

type SecretPlace = (typeof secretPlaces)[number]

/** @throws CallDenied handle_misplaced when one stands in a header */
export function usesIn({ headers, body = '' }: Asked, { url }: Target): Use[] {
  const inHeaders = Object.values(headers).some((value) => handlePattern().test(value))
  if (inHeaders) throw deny('handle_misplaced', { key: 'a trait' })
  return [`${url.pathname}${url.search}`, body].flatMap((text) =>
    [...text.matchAll(handlePattern())].map(([, inBraces, making, bare]) => ({
      token: inBraces ?? bare ?? '',
      isHashed: making !== undefined,
    })),
  )
}

/** @throws CallDenied secret_unknown, secret_misplaced or handle_unknown */
export function prepare(asked: Asked, target: Target, fillings: Fillings): Prepared {
  const filler = new Filler(target, fillings)
  const { headers, body, method } = asked
  const type = headers['content-type'] ?? 'application/json'
  const filled = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, filler.secrets(value, 'header', plain)]),
  )
  const { origin, pathname, search } = target.url
  const path = filler.secrets(
    filler.pii(`${pathname}${search}`, encodeURIComponent),
    'query',
    encodeURIComponent,
  )
  const escape = escaping(type)
  return {
    outbound: {
      url: new URL(`${origin}${path}`),
      method,
      headers: body === undefined ? filled : { 'content-type': type, ...filled },
      body: body && filler.secrets(filler.pii(body, escape), 'body', escape),
    },
    echoes: filler.echoes,
  }
}

const plain = (value: string): string => value

/** How a value is written into a body of that type, so that it stays one value there. */
function escaping(type: string): (value: string) => string {
  if (type.includes('json')) return (value) => JSON.stringify(value).slice(1, -1)
  return type.includes('x-www-form-urlencoded') ? encodeURIComponent : plain
}

const secretPattern =
  /(?:\{\{|%7B%7B)secret(?::|%3A)([A-Z][A-Z0-9_]{0,59})(?:(?:\||%7C)(base64))?(?:\}\}|%7D%7D)/g

class Filler {
  readonly echoes: Echo[] = []
  readonly #target: Target
  readonly #fillings: Fillings

  constructor(target: Target, fillings: Fillings) {
    this.#target = target
    this.#fillings = fillings
  }

  secrets(text: string, place: SecretPlace, escape: (value: string) => string): string {
    return text.replaceAll(secretPattern, (_whole, name: string, making?: string) => {
      const { entry, url } = this.#target
      const granted = entry.secrets.find((each) => each.name === name)
      if (!granted?.in.includes(place)) {
        throw deny('secret_misplaced', { name, place, host: url.hostname })
      }
      const secret = this.#fillings.secret(name)
      if (secret === undefined || secret === '') throw deny('secret_unknown', { name })
      const value = making === undefined ? secret : Buffer.from(secret).toString('base64')
      this.echoes.push([secret, `[secret ${name}]`])
      if (place === 'header' && !/^[\x20-\x7e]*$/.test(value)) {
        throw deny('secret_misplaced', { name, place, host: url.hostname })
      }
      return escape(value)
    })
  }

  pii(text: string, escape: (value: string) => string): string {
    return text.replaceAll(
      handlePattern(),
      (
        whole,
        inBraces: string | undefined,
        making: string | undefined,
        bare: string | undefined,
      ) => {
        const found = this.#fillings.pii(inBraces ?? bare ?? '')
        if (found === undefined) throw deny('handle_unknown')
        const { key, value } = found
        if (making !== undefined) return hashed(key, value)
        const written = typeof value === 'string' ? value : JSON.stringify(value)
        this.echoes.push([written, bareHandle(whole)])
        return escape(written)
      },
    )
  }
}

const bareHandle = (whole: string): string =>
  whole.replaceAll(/^(\{\{|%7B%7B)|(\}\}|%7D%7D)$/gi, '')
