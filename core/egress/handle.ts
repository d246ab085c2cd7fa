import { randomBytes } from 'node:crypto'
import type { Json } from '../model/json.ts'

/** Where the value lies that a handle stands for. */
export type Source = { vault: string } | { value: Json }

export interface Handled {
  profileId: string
  key: string
  source: Source
}

// A trait key may hold anything, and a handle stands in texts of every kind.
const keyText = (key: string): string => encodeURIComponent(key)

const handle = String.raw`pii(?::|%3A)[\w%.!~*'()-]{1,500}?(?::|%3A)h_([\w-]{22})`

/**
 * A handle by itself or in braces, in braces with what is to be made of it; also as a URL escapes them. The first
 * two groups are the token and the making, the third the token of one that stands by itself.
 */
export const handlePattern = (): RegExp =>
  new RegExp(
    String.raw`(?:\{\{|%7B%7B)${handle}(?:(?:\||%7C)(sha256))?(?:\}\}|%7D%7D)|${handle}`,
    'gi',
  )

/** The handles of one batch: unguessable, each for one trait of one profile, forgotten with the batch. */
export class HandleBook {
  readonly #byToken = new Map<string, Handled>()

  issue(handled: Handled): string {
    const token = randomBytes(16).toString('base64url')
    this.#byToken.set(token, handled)
    return `pii:${keyText(handled.key)}:h_${token}`
  }

  /** Undefined for what is none, or is of another person. */
  find(token: string, profileId: string): Handled | undefined {
    const found = this.#byToken.get(token)
    return found?.profileId === profileId ? found : undefined
  }
}
