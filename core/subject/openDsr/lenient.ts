import { fail } from '../../errors.ts'

/**
 * JSON, with the commas before a closing bracket that the specification's own example has. Every other mistake is
 * one.
 *
 * @throws body_not_json
 */
export function readLenient(text: string): unknown {
  for (const attempt of [text, withoutTrailingCommas(text)]) {
    try {
      return JSON.parse(attempt)
    } catch {
      // The second attempt decides.
    }
  }
  throw fail('body_not_json', { reason: 'it is not JSON' })
}

/** Strings are passed over whole, so that what looks like one inside of them stays. */
const withoutTrailingCommas = (text: string): string =>
  text.replaceAll(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (found) => (found === ',' ? '' : found))
