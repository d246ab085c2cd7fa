import type { Words } from '../sentence.ts'

/** On which basis the purpose rests. */
export const lawfulBasisWords = {
  consent: {
    officer: 'The person consents to {purpose} by {channel}.',
    integrator: 'There is consent.',
    subject: 'You agreed to this.',
    article: 'Art. 6(1)(a), 7 GDPR',
  },
  contract: {
    officer:
      'The purpose {purpose} rests on the contract with the person, who has not said no to it.',
    integrator: 'The purpose needs no consent.',
    subject: 'It belongs to what you ordered or asked us to do.',
    article: 'Art. 6(1)(b) GDPR',
  },
  legal_obligation: {
    officer: 'The law demands the purpose {purpose}, whatever the person says.',
    integrator: 'The purpose needs no consent.',
    subject: 'The law obliges us to do this.',
    article: 'Art. 6(1)(c) GDPR',
  },
  vital_interest: {
    officer: 'The purpose {purpose} protects somebody’s life.',
    integrator: 'The purpose needs no consent.',
    subject: 'It protects somebody’s life or health.',
    article: 'Art. 6(1)(d) GDPR',
  },
  public_task: {
    officer: 'The purpose {purpose} is a task in the public interest.',
    integrator: 'The purpose needs no consent.',
    subject: 'It is part of a task in the public interest.',
    article: 'Art. 6(1)(e) GDPR',
  },
  legitimate_interest: {
    officer:
      'The purpose {purpose} rests on a legitimate interest, and the person has not said no.',
    integrator: 'The purpose needs no consent.',
    subject: 'We have a legitimate interest in it, and you have not said no.',
    article: 'Art. 6(1)(f) GDPR',
  },
  no_consent: {
    officer: 'The person has given no consent that covers {purpose} by {channel}.',
    integrator:
      'Have consent for {purpose} by {channel} recorded, with its proof, before proposing; a grant for another channel or a child purpose does not count.',
    subject: 'You have not agreed to this.',
    article: 'Art. 6(1)(a), 7(1) GDPR',
  },
  consent_withdrawn: {
    officer:
      'The person withdrew consent, and no newer grant says otherwise for {purpose} by {channel}.',
    integrator:
      'Do not propose {purpose} by {channel} for this profile until the person grants it anew.',
    subject: 'You withdrew your consent.',
    article: 'Art. 7(3) GDPR',
  },
  consent_denied: {
    officer:
      'The person denied consent, and no newer grant says otherwise for {purpose} by {channel}.',
    integrator:
      'Do not propose {purpose} by {channel} for this profile until the person grants it.',
    subject: 'You said no to this.',
    article: 'Art. 4(11), 7 GDPR',
  },
  consent_expired: {
    officer: 'The consent that covers {purpose} by {channel} had expired.',
    integrator: 'Ask the person again; the consent for {purpose} by {channel} has run out.',
    subject: 'You agreed for a limited time, and that time is over.',
    article: 'Art. 5(1)(b), 7 GDPR',
  },
  consent_pending: {
    officer:
      'Consent for {purpose} by {channel} was asked for and not confirmed; until it is, it does not count.',
    integrator:
      'Have the person confirm with the token they were sent; it counts once and for seven days.',
    subject: 'You have not confirmed yet that you agree.',
    article: 'Art. 7(1) GDPR',
  },
  consent_notice_outdated: {
    officer:
      'The consent that covers {purpose} by {channel} was given for a notice that is no longer accepted.',
    integrator: 'Show the person the notice as it is now, and record what they say.',
    subject: 'You agreed to an older text than the one that we use now.',
    article: 'Art. 4(11), 7 GDPR',
  },
  not_opted_out: {
    officer:
      'Where the person lives, {purpose} by {channel} is allowed until they say no, and they have not.',
    integrator: 'The law of the person’s place asks for no consent here.',
    subject: 'The law where you live lets us do this until you say no, which you can at any time.',
    article: 'Cal. Civ. Code § 1798.120',
  },
} as const satisfies Record<string, Words>
