import type { Words } from '../sentence.ts'

/** The first sentence of an explanation. */
export const outcomeWords = {
  allow: {
    officer: 'Allowed at {at}: {proposer} may act for {purpose} by {channel}, until {until}.',
    integrator: 'Allowed: {purpose} by {channel}.',
    subject: 'We used your data {aim}, by {way}.',
  },
  refuse: {
    officer: 'Refused at {at}: {proposer} may not act for {purpose} by {channel}.',
    integrator: 'Refused with the code {reason}: {purpose} by {channel}.',
    subject: 'We did not use your data {aim}, by {way}.',
  },
  hold: {
    officer: 'Held at {at}: {proposer} waits with {purpose} by {channel}.',
    integrator:
      'Held with the code {reason}: {purpose} by {channel}. It is decided again, nothing has to be sent anew.',
    subject: 'We have not yet used your data {aim}, by {way}.',
  },
} as const satisfies Record<string, Words>

/** What was looked at. */
export const evidenceWords = {
  consent_granted: {
    officer:
      'Consent {id}: granted on {day} for {purpose} by {channel}, on the basis {basis}{end}.',
    integrator: 'A grant of {day} for {purpose} by {channel}{end}.',
    subject: 'You agreed on {day}{end}.',
  },
  consent_denied: {
    officer: 'Consent {id}: denied on {day} for {purpose} by {channel}.',
    integrator: 'A denial of {day} for {purpose} by {channel}.',
    subject: 'You said no on {day}.',
  },
  consent_withdrawn: {
    officer: 'Consent {id}: withdrawn on {day} for {purpose} by {channel}.',
    integrator: 'A withdrawal of {day} for {purpose} by {channel}.',
    subject: 'You withdrew your consent on {day}.',
  },
  consent_pending: {
    officer: 'Consent {id}: asked for on {day} for {purpose} by {channel}, and not confirmed.',
    integrator: 'A grant of {day} for {purpose} by {channel} that was not confirmed.',
    subject: 'We asked you to confirm on {day}.',
  },
  consent_withheld: {
    officer: 'It rests on the ledger entry {id}.',
    integrator: 'It rests on an entry of the consent ledger.',
    subject: 'We have what you told us on record.',
  },
  other: {
    officer: 'Looked at: {what}.',
    integrator: 'Looked at: {what}.',
    subject: '',
  },
} as const satisfies Record<string, Words>

/** What is demanded of whoever carries an allowed activation out. */
export const obligationWords = {
  mask: {
    officer: 'The message goes out without: {fields}.',
    integrator: 'The channel leaves out {fields}.',
    subject: 'Some of your data was left out of the message.',
    article: 'Art. 5(1)(c) GDPR',
  },
  hash: {
    officer: 'These leave only as a hash: {hashed}.',
    integrator: 'The channel sends only the SHA-256 of {hashed}.',
    subject: 'Some of your data was sent only in a form that cannot be read.',
    article: 'Art. 25, 32 GDPR',
  },
  not_before: {
    officer: 'It may not be sent before {notBefore}.',
    integrator: 'The channel waits until {notBefore}.',
    subject: 'It was not sent during the quiet hours.',
  },
  max_age: {
    officer: 'Values written more than {days} days before are left out.',
    integrator: 'The channel leaves out values that are older than {days} days.',
    subject: 'Old data was left out of the message.',
    article: 'Art. 5(1)(d) GDPR',
  },
} as const satisfies Record<string, Words>

/** What a person can do, whatever was decided; each names where the right comes from. */
export const rightWords = {
  human_review: {
    officer: 'The person may ask for a human decision, say what they think of it and contest it.',
    integrator: '',
    subject:
      'You can ask that a person and not a machine decides, say what you think, and contest the decision.',
    article: 'Art. 22(3) GDPR',
  },
  withdraw: {
    officer: 'The person may withdraw consent at any time, as easily as it was given.',
    integrator: '',
    subject: 'You can withdraw your consent at any time.',
    article: 'Art. 7(3) GDPR',
  },
  object: {
    officer: 'The person may object; to direct marketing without giving reasons.',
    integrator: '',
    subject: 'You can object to this use of your data.',
    article: 'Art. 21 GDPR',
  },
  rectify: {
    officer: 'The person may have what is wrong about them corrected.',
    integrator: '',
    subject: 'If what we have recorded about you is wrong, you can have it corrected.',
    article: 'Art. 16 GDPR',
  },
  access: {
    officer: 'The person may ask for a copy of their data and of what decides about it.',
    integrator: '',
    subject: 'You can ask us for a copy of your data and how it is used.',
    article: 'Art. 15 GDPR',
  },
  complain: {
    officer: 'The person may complain to a supervisory authority.',
    integrator: '',
    subject: 'You can complain to your data protection authority.',
    article: 'Art. 77 GDPR',
  },
} as const satisfies Record<string, Words>
