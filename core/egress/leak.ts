/**
 * Finds personal data that a plugin put into a request by itself: it got hold of it by another way than a handle.
 * It sees values and their normal forms in any case, percent-escaped, JSON-escaped, in base64 and in hex, two
 * layers deep. It does not see what is encrypted, compressed, cut into pieces or spelt out.
 */
import type { Json } from '../model/json.ts'

/** A text to be found, and the trait or identifier that it is of. */
export interface Needle {
  key: string
  /** In lower case. */
  text: string
  /** Of a phone number its digits; compared with the digits of a text alone. */
  isDigits: boolean
}

/** Shorter values stand in too many texts by chance. */
const needleCharsMin = 5
/** Digits of what may be a phone, card or customer number. */
const digitsMin = 7
/** A value without an @ or digits this short must stand by itself, as a word. */
const wordCharsMax = 12
const layersMax = 2
/** Characters looked at in all layers, four times the largest body: it happens on the event loop. */
const charsMax = 1_048_576

export function needlesOf(key: string, value: Json): Needle[] {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).flatMap((inner) =>
      inner === undefined ? [] : needlesOf(key, inner),
    )
  }
  if (typeof value !== 'string' && typeof value !== 'number') return []
  const text = String(value).trim().toLowerCase()
  const digits = text.replaceAll(/\D/g, '')
  const isNumber = digits.length >= digitsMin && /^[\d\s()+./-]+$/.test(text)
  if (isNumber) return [{ key, text: digits, isDigits: true }]
  return text.length >= needleCharsMin ? [{ key, text, isDigits: false }] : []
}

/** Stands for the key where a text decodes to more than may be looked at: that is refused likewise. */
export const unreadable = '(too much to look through)'

/** The key of the first value that the text holds. */
export function leakIn(text: string, needles: readonly Needle[]): string | undefined {
  if (needles.length === 0 || text === '') return undefined
  const words = indexed(needles.filter(({ isDigits }) => !isDigits))
  const numbers = indexed(needles.filter(({ isDigits }) => isDigits))
  for (const layer of layersOf(text)) {
    if (layer === undefined) return unreadable
    const found = findIn(layer.text, words) ?? findIn(layer.digits, numbers)
    if (found !== undefined) return found.key
  }
  return undefined
}

interface Layer {
  text: string
  digits: string
}

/** By their first characters: a batch knows hundreds of values, and a body is walked through once for all. */
type Index = ReadonlyMap<string, readonly Needle[]>

const indexed = (needles: readonly Needle[]): Index =>
  Map.groupBy(needles, ({ text }) => text.slice(0, needleCharsMin))

function findIn(text: string, index: Index): Needle | undefined {
  if (index.size === 0) return undefined
  for (let at = 0; at + needleCharsMin <= text.length; at += 1) {
    const found = index
      .get(text.slice(at, at + needleCharsMin))
      ?.find((needle) => text.startsWith(needle.text, at) && standsAlone(text, at, needle))
    if (found) return found
  }
  return undefined
}

function standsAlone(text: string, at: number, { text: found, isDigits }: Needle): boolean {
  if (isDigits || found.length > wordCharsMax || /[@\d]/.test(found)) return true
  return !isLetter(text[at - 1]) && !isLetter(text[at + found.length])
}

const isLetter = (char: string | undefined): boolean => char !== undefined && /\p{L}/u.test(char)

/** The text and what it decodes to; undefined once that is more than may be looked at. */
function* layersOf(whole: string): Generator<Layer | undefined> {
  const seen = new Set<string>()
  let front = [whole]
  let chars = 0
  for (let depth = 0; depth <= layersMax; depth += 1) {
    const next: string[] = []
    for (const text of front) {
      if (seen.has(text)) continue
      seen.add(text)
      chars += text.length
      if (chars > charsMax) {
        yield undefined
        return
      }
      yield {
        text: text.toLowerCase().normalize('NFKC'),
        digits: text.replaceAll(/(?<=\d)[\s()./-]{1,3}(?=\d)/g, ''),
      }
      if (depth < layersMax) next.push(...decodingsOf(text))
    }
    front = next
  }
}

function decodingsOf(text: string): string[] {
  const decoded = [
    ...(text.includes('%') ? [unescapeUrl(text), unescapeAscii(text)] : []),
    ...(text.includes('+') ? [text.replaceAll('+', ' ')] : []),
    ...(text.includes('\\') ? [unescapeJson(text)] : []),
    ...(text.includes('&') ? [unescapeEntities(text)] : []),
  ]
  // All runs of one offset together: a value lies within one run.
  for (const offset of [0, 1, 2, 3]) {
    decoded.push(runsOf(text, /[A-Za-z0-9+/_-]{8,}/g, offset, 'base64'))
    if (offset < 2) decoded.push(runsOf(text, /[0-9A-Fa-f]{10,}/g, offset, 'hex'))
  }
  return decoded.filter((each) => each !== '' && each !== text)
}

/** Of what decodes to no text, which is most of it, nothing is kept. */
const runsOf = (text: string, run: RegExp, offset: number, code: 'base64' | 'hex'): string =>
  [...text.matchAll(run)]
    .flatMap(([found]) => Buffer.from(found.slice(offset), code).toString('utf8').split(noText))
    .filter((piece) => piece.length >= needleCharsMin)
    .join('\n')

const noText = /[\p{Cc}\uFFFD]+/u

/** Piece by piece, since one broken escape must not hide the others. */
const unescapeUrl = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
      Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
    )

/** The same where what stands before it only looks like an escape. */
const unescapeAscii = (text: string): string =>
  text.replaceAll(/%([2-7][0-9A-Fa-f])/g, (_whole, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )

const unescapeJson = (text: string): string =>
  text
    .replaceAll(/\\u([0-9A-Fa-f]{4})/g, (_whole, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll(/\\(.)/g, '$1')

const unescapeEntities = (text: string): string =>
  text.replaceAll(/&#(x?)([0-9A-Fa-f]{1,6});/g, (whole, hex: string, code: string) => {
    const point = Number.parseInt(code, hex === '' ? 10 : 16)
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole
  })
