import { CallDenied, type Denial } from '../host/denied.ts'

/** Why a request is not sent, apart from what the gate says of the person. `{name}` is filled from the values. */
const texts = {
  call_invalid: [
    '{path} of the call is not usable: {reason}.',
    'Correct it; FetchInit says what may stand there.',
  ],
  url_invalid: [
    'The address is not usable: {reason}.',
    'Give an https address with a plain host name.',
  ],
  not_declared: [
    'The manifest does not declare {method} to {host}.',
    'Name the host, method and purpose in network of plugin.json and have the change approved.',
  ],
  purpose_needed: [
    'The manifest names {host} for several purposes.',
    'Say in the call which purpose it is for.',
  ],
  destination_not_https: ['{host} was to be reached without TLS.', 'Use https.'],
  port_refused: ['{host} was to be reached on another port than 443.', 'Use the default port.'],
  destination_private: [
    '{host} leads to a private address.',
    'Only public addresses are reached; in development SLATEBOARD_ALLOW_PRIVATE_DESTINATIONS=1 opens the others.',
  ],
  destination_unknown: [
    'The name {host} is not known.',
    'Check the name; if it is right, snooze and try again.',
  ],
  unreachable: ['{host} could not be reached.', 'Snooze and try again.'],
  timeout: [
    '{host} did not answer within {timeoutMs} ms.',
    'Snooze and try again, or raise timeoutMs in network.',
  ],
  redirect_refused: [
    '{host} redirected to where the same entry of network does not reach.',
    'Call the final address, and name it in network.',
  ],
  too_many_redirects: ['{host} redirected more than {limit} times.', 'Call the final address.'],
  response_too_large: ['{host} answered more than {limit} bytes.', 'Ask for less at a time.'],
  response_encoded: [
    '{host} answered in an encoding that was not asked for.',
    'Ask for plain text.',
  ],
  rate_limited: ['The plugin sends too much: {reason}.', 'Snooze and try again.'],
  secret_unknown: ['There is no secret {name} for this plugin.', 'Have the operator set it.'],
  secret_misplaced: [
    'The secret {name} may not stand in the {place} of a request to {host}.',
    'Name it with that place under secrets of the entry in network.',
  ],
  handle_unknown: [
    'A handle in the call stands for nothing here.',
    'A handle counts in the call for the profile that it came with, once.',
  ],
  handle_misplaced: [
    'The handle of {key} stands in a header.',
    'Put handles into the body or the query.',
  ],
  handle_in_prompt: [
    'A handle stands in what the model would be told.',
    'Leave it out: have the model write a placeholder, which the channel fills in.',
  ],
  model_failed: [
    'The model at {host} gave no answer of use: {reason}.',
    'Go on without it, or snooze and try again.',
  ],
  personal_data: [
    'The {place} carries a value of {key} as it is.',
    'Use the handle from reads.pii: the host puts the value in where it may leave.',
  ],
  hash_only: [
    'The policy lets {key} out only as a hash.',
    'Write {{<handle>|sha256}}; a trait that the agent is shown in the open must not be read for this.',
  ],
  stopping: ['This node is stopping.', 'Nothing was sent; the reaction runs again elsewhere.'],
  unknown_call: ['The host knows no call {name}.', 'Use ctx.fetch.'],
  internal: ['The host could not make the call.', 'Snooze and try again.'],
} as const

type DenialCode = keyof typeof texts

/** A code of ours, `sent` included; the gate's and those of policies are others. */
export const isDenialCode = (code: string): boolean => code === 'sent' || Object.hasOwn(texts, code)

const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

/** The values come from the manifest or are counts and keys: never of a person, never what a plugin wrote. */
export function deny(
  code: DenialCode,
  values: Readonly<Record<string, string | number>> = {},
): CallDenied {
  const [message, remedy] = texts[code]
  const denial: Denial = { code, message: fill(message, values), remedy: fill(remedy, values) }
  return new CallDenied(denial)
}
