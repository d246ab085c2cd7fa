import type { Policy } from './document.ts'

/** What a refusal or permission says to a person: the rule's own sentence, or the law's or the gate's. */
export function explain(policy: Policy | null, rule: string | null, reason: string): string {
  const sentence = policy?.rules.find(({ id }) => id === rule)?.sentence
  if (sentence !== undefined) return sentence
  const own = Object.hasOwn(sentences, reason) ? sentences[reason] : undefined
  return own ?? `Refused with the code ${reason}.`
}

/** Codes that are not of a policy's making. */
const sentences: Readonly<Record<string, string>> = {
  allowed: 'Every check passed.',
  no_rule: 'No rule of the policy permits it.',
  evaluation_error: 'A rule or check could not be evaluated, and what cannot be judged is refused.',
  no_active_policy: 'No policy version is active, so nothing is permitted.',
  purpose_unknown: 'The purpose is not defined in this workspace.',
  channel_unknown: 'No channel of that name is installed.',
  destination_required: 'The channel needs to be told where to deliver.',
  workspace_paused: 'The workspace is paused.',
  plugin_paused: 'The plugin that proposed it is paused.',
  channel_paused: 'The channel is paused.',
  not_declared: 'The agent proposes what its manifest does not declare.',
  subject_unknown: 'No profile stands behind the activation.',
  erased: 'The person has been erased.',
  restricted: 'Processing is restricted: the data is stored and otherwise left alone.',
  legal_hold: 'The data is kept as evidence and otherwise left alone.',
  objected: 'The person objected to this purpose.',
  gpc_opt_out: 'The person opted out of sharing through Global Privacy Control.',
  minor:
    'The person is a minor, who may not be advertised to or profiled, or whose guardian has not agreed.',
  minor_needs_opt_in: 'The person is a minor old enough to decide, and has not agreed.',
  field_unknown: 'A field is not a registered trait.',
  special_needs_explicit_consent:
    'Data of a special category needs consent for exactly this purpose.',
  no_consent: 'The person has given no consent for this purpose on this channel.',
  consent_withdrawn: 'The person withdrew consent.',
  consent_denied: 'The person denied consent.',
  consent_expired: 'The consent has expired.',
  purpose_incompatible: 'The data was not collected for this purpose.',
  human_review_needed: 'The act affects the person significantly, so a human decides.',
  content_undeclared: 'The content carries data that the activation does not declare.',
  frequency_capped: 'The person has already been addressed as often as allowed.',
}
