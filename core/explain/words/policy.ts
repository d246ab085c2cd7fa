import type { Words } from '../sentence.ts'

/** What the data may be used for, and what the officers' rules say. */
export const compatibilityWords = {
  ok: {
    officer: 'Every field was collected for a purpose that covers {purpose}.',
    integrator: 'Every field may be used for {purpose}.',
    subject: 'The data was collected for this.',
    article: 'Art. 5(1)(b) GDPR',
  },
  purpose_incompatible: {
    officer: 'Not collected for {purpose}: {traits}.',
    integrator:
      'Leave {traits} out of `fields`, or have the officer add {purpose} to the purposes of its definition.',
    subject: 'It would have used data that you gave us for something else.',
    article: 'Art. 5(1)(b), 6(4) GDPR',
  },
} as const satisfies Record<string, Words>

export const automatedDecisionWords = {
  ok: {
    officer: 'The act does not weigh heavily on the person, so a machine may decide it.',
    integrator: 'No human review is needed.',
    subject: 'It does not affect you significantly.',
    article: 'Art. 22 GDPR',
  },
  human_review_needed: {
    officer: 'The act affects the person significantly, so it waits until a human has decided.',
    integrator:
      'It waits for a human review. Lower `effect` in the manifest only if the act truly weighs little on the person.',
    subject: 'It would affect you significantly, so a person and not a machine decides it.',
    article: 'Art. 22(1), 22(3) GDPR',
  },
} as const satisfies Record<string, Words>

export const policyWords = {
  rule_permits: {
    officer: 'Policy version {policy} permits it by the rule {rule}: {sentence}',
    integrator: 'The policy permits it ({rule}). {sentence}',
    subject: 'Our own rules allow it.',
    article: 'Art. 24 GDPR',
  },
  rule_forbids: {
    officer: 'Policy version {policy} forbids it by the rule {rule}: {sentence}',
    integrator:
      'The rule {rule} of the policy forbids it with the code {reason}. {sentence} Propose what it does not speak of, or ask the officer.',
    subject: 'Our own rules forbid it.',
    article: 'Art. 24, 25 GDPR',
  },
  policy_refused: {
    officer:
      'No rule of policy version {policy} permits {proposer} to do this: {purpose} by {channel}.',
    integrator:
      'Ask the officer for a rule that permits {proposer} to activate {purpose} by {channel}.',
    subject: 'Our own rules do not allow it.',
    article: 'Art. 24, 25 GDPR',
  },
} as const satisfies Record<string, Words>

export const minimisationWords = {
  ok: {
    officer: 'Nothing in the message goes beyond what the policy lets out.',
    integrator: 'All fields go out.',
    subject: 'Only what was needed would have been used.',
    article: 'Art. 5(1)(c) GDPR',
  },
  masked: {
    officer: 'Left out of the message, since the policy does not let it out: {traits}.',
    integrator: 'The message goes out without {traits}: the policy does not let it out.',
    subject: 'Some of your data is left out, because it is not needed.',
    article: 'Art. 5(1)(c) GDPR',
  },
  content_undeclared: {
    officer: 'The content carries sealed data that the activation does not declare: {traits}.',
    integrator:
      'Name {traits} in `fields` instead of writing it into `content`; the channel fills it in if it may go out.',
    subject: 'It would have contained data about you that was not properly declared.',
    article: 'Art. 5(1)(c), 32 GDPR',
  },
} as const satisfies Record<string, Words>

export const frequencyWords = {
  ok: {
    officer: 'The person has not been addressed too often: {sent} of {max} on this channel.',
    integrator: 'The limit is not reached.',
    subject: 'You have not been contacted too often.',
  },
  no_cap: {
    officer: 'No limit on how often applies.',
    integrator: 'No limit applies.',
    subject: 'You have not been contacted too often.',
  },
  frequency_capped: {
    officer: 'The person has already been addressed as often as allowed: {sent} of {max}.',
    integrator: 'Propose less often; {sent} of {max} were sent on {channel} already.',
    subject: 'You have already been contacted as often as we allow ourselves.',
    article: 'Art. 5(1)(a) GDPR',
  },
} as const satisfies Record<string, Words>
