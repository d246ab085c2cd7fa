import type { Check, CheckName, Verdicts } from '../model/decision.ts'
import type { Denial } from '../host/denied.ts'

/** What a plugin, or who answers for it, can do about a check that stands in the way. */
const remedies: Readonly<Record<CheckName, string>> = {
  request: 'Name a purpose that the workspace knows.',
  kill_switch: 'An operator has to resume the workspace, the channel or the plugin.',
  manifest: 'Declare the purpose in network of plugin.json.',
  subject: 'Leave the person out; nothing lifts this.',
  restriction: 'Leave the person out until the restriction or hold ends; snooze or cancel.',
  jurisdiction: 'Leave the person out.',
  special_category:
    'Read no special data for this purpose, or ask the person for explicit consent to exactly {purpose}.',
  objection: 'Leave the person out; nothing that a plugin does lifts this.',
  lawful_basis:
    'Ask the person for consent to {purpose} on the channel {channel} and record it (recordConsent); until then leave them out.',
  purpose_compatibility:
    'Read only traits that may be used for {purpose}: what an agent is shown counts as sent.',
  automated_decision: 'Propose an activation instead, which a person can approve.',
  policy:
    'Ask a compliance officer for a rule that lets this agent activate {purpose} on {channel}.',
  minimisation:
    'Read only traits that the policy lets out for {purpose}: what an agent is shown counts as sent.',
  budget: 'Nothing to do: a request takes of no budget.',
  frequency: 'Snooze; the person was addressed often enough for now.',
  risk: 'Propose an activation instead, which a person can approve.',
}

/** Reasons that a grant of the person would lift. */
const lackingConsent =
  /^(no_consent|consent_\w+|special_needs_explicit_consent|minor_needs_opt_in)$/

const channel = 'webhook'

/** The gate's refusal as the plugin is told it: what decided, and what to do. */
export function refusalOf(
  { purpose }: { purpose: string },
  { outcome, reason, checks }: Pick<Verdicts, 'outcome' | 'reason' | 'checks'>,
): Denial {
  const verdict = outcome === 'hold' ? 'hold' : 'fail'
  const decisive = checks.find((check) => check.verdict === verdict)
  const name = decisive?.name ?? 'subject'
  const keys = keysOf(decisive)
  return {
    code: reason,
    rule: ruleOf(decisive),
    missing: lackingConsent.test(reason) ? { purpose, channel } : null,
    message: `The request for ${purpose} was refused: ${reason}${keys === '' ? '' : ` (${keys})`}.`,
    remedy: remedies[name].replaceAll('{purpose}', purpose).replaceAll('{channel}', channel),
  }
}

const ruleOf = (check: Check | undefined): string | null =>
  check?.evidence.find((each) => each.startsWith('rule:'))?.slice('rule:'.length) ?? null

const keysOf = (check: Check | undefined): string =>
  (check?.evidence ?? [])
    .flatMap((each) => (each.startsWith('trait:') ? [each.slice('trait:'.length)] : []))
    .slice(0, 5)
    .join(', ')
