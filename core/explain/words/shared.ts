import type { Words } from '../sentence.ts'

/** What is told to a person when the reason is ours and says nothing about them. */
export const technical =
  'It was stopped for a technical reason that has nothing to do with you or your choices.'

/** Codes that several checks give. */
export const sharedWords = {
  evaluation_error: {
    officer:
      'This check could not be evaluated, and what cannot be judged is refused. The log names the failure.',
    integrator:
      'The check failed to evaluate. Nothing in the proposal mends that: ask the operator to look at the log for this check.',
    subject: technical,
    article: 'Art. 5(2) GDPR',
  },
  purpose_unknown: {
    officer: 'The purpose {purpose} is not defined in this workspace, so nothing can justify it.',
    integrator:
      'Propose a purpose that the workspace defines, or a child of one; {purpose} is neither.',
    subject: 'It was not clear what your data would have been used for, so it was not used.',
    article: 'Art. 5(1)(b) GDPR',
  },
  no_active_policy: {
    officer: 'No policy version was in force, so nothing was permitted.',
    integrator: 'Nothing to change: an officer has to put a policy version in force.',
    subject: technical,
    article: 'Art. 24 GDPR',
  },
  unknown_code: {
    officer: 'The check answered with the code {reason}.',
    integrator: 'The check answered with the code {reason}.',
    subject: technical,
  },
} as const satisfies Record<string, Words>
