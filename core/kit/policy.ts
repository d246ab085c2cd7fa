import { parsePolicy, type Policy } from '../../policies/document.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import { fail } from '../errors.ts'

/**
 * The policy of a file's text, or the shipped one.
 *
 * @throws policy_invalid, bad_input when it is no JSON
 */
export function policyOf(text: string | undefined): Policy {
  if (text === undefined) return shippedPolicy()
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw fail('bad_input', { path: '--policy', reason: 'the file is not JSON' }, cause)
  }
  return parsePolicy(document)
}
