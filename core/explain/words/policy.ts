import type { Words } from '../sentence.ts'
import { technical } from './shared.ts'

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
      'It waits for a human review. Lower `decisionEffect` in the manifest only if the act truly weighs little on the person.',
    subject: 'It would affect you significantly, so a person and not a machine decides it.',
    article: 'Art. 22(1), 22(3) GDPR',
  },
  approved_by_person: {
    officer: 'The act affects the person significantly, and a human approved it ({approval}).',
    integrator: 'A human approved it.',
    subject: 'It affects you significantly, so a person and not a machine decided it.',
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
  required_field_masked: {
    officer: 'The message cannot do without {traits}, which the policy does not let out.',
    integrator:
      'Take {traits} out of `requires` if the message makes sense without, or ask the officer to let it out for {purpose}.',
    subject: 'It would have needed data about you that may not be used for this.',
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
    officer: 'The person has not been addressed too often: {sent} of {max}. {sentence}',
    integrator: 'The limit is not reached: {sent} of {max}.',
    subject: 'You have not been contacted too often.',
  },
  no_cap: {
    officer: 'No limit on how often or when stands against it.',
    integrator: 'No limit stands against it.',
    subject: 'You have not been contacted too often.',
  },
  quiet_hours: {
    officer: 'It is not sent before {notBefore}: quiet hours hold ({limits}). {sentence}',
    integrator: 'It goes out at {notBefore} or later: quiet hours hold.',
    subject: 'It is not sent at night.',
  },
  quiet_hours_never_end: {
    officer: 'The quiet hours of {limits} never end, so there is no time to send it.',
    integrator: 'Nothing to change in the proposal: the quiet hours of {limits} never end.',
    subject: technical,
  },
  frequency_capped: {
    officer:
      'The person has already been addressed as often as allowed: {sent} of {max}. {sentence}',
    integrator: 'Propose less often: {sent} of {max} went out under the limit {limits}.',
    subject: 'You have already been contacted as often as we allow ourselves.',
    article: 'Art. 5(1)(a) GDPR',
  },
} as const satisfies Record<string, Words>

export const budgetWords = {
  costs_nothing: {
    officer: 'It takes of no budget.',
    integrator: 'It takes of no budget.',
    subject: technical,
  },
  ok: {
    officer: 'It takes {amount} of the budget {budget}, of which {left} was left.',
    integrator: 'The budget {budget} has enough: {amount} of {left}.',
    subject: technical,
  },
  budget_exhausted: {
    officer: 'It would take {amount} of the budget {budget}, of which {left} was left.',
    integrator:
      'Propose less, or have an operator raise the cap of {budget}: {left} of it is left.',
    subject: technical,
  },
  budget_not_open: {
    officer:
      'There is no budget {budget}, or it is over, so there is nothing to pay {amount} from.',
    integrator: 'Have an operator set the budget {budget}, or name one that there is.',
    subject: technical,
  },
} as const satisfies Record<string, Words>

export const riskWords = {
  ok: {
    officer: 'It is not risky enough to need an approval.',
    integrator: 'No approval is needed.',
    subject: 'Nothing spoke for a closer look.',
  },
  risk_needs_approval: {
    officer: 'Its risk is {risk}, and above {above} somebody has to approve it. {sentence}',
    integrator: 'It waits for the approval of a human: its risk is {risk}, above {above}.',
    subject: 'Somebody of us looks at it first.',
    article: 'Art. 24, 25 GDPR',
  },
  approved_by_person: {
    officer: 'Its risk is {risk}, above {above}, and a human approved it ({approval}).',
    integrator: 'A human approved it.',
    subject: 'Somebody of us looked at it first.',
    article: 'Art. 24, 25 GDPR',
  },
  refused_by_person: {
    officer: 'A human looked at it and refused it ({approval}).',
    integrator: 'A human refused it; propose it anew only if something is different.',
    subject: 'Somebody of us looked at it and decided against it.',
    article: 'Art. 22(3), 24 GDPR',
  },
} as const satisfies Record<string, Words>
