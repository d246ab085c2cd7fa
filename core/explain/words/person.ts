import type { Words } from '../sentence.ts'
import { technical } from './shared.ts'

/** Who the person is before the law. */
export const subjectWords = {
  ok: {
    officer: 'The person is known and has not been erased.',
    integrator: 'There is a profile.',
    subject: 'We know you as a customer.',
  },
  subject_unknown: {
    officer: 'No profile stands behind the activation.',
    integrator: 'Propose for a profile that exists.',
    subject: technical,
  },
  erased: {
    officer: 'The person has been erased. Nothing can be done for or to them any more.',
    integrator: 'Stop proposing for this profile: the person has been erased.',
    subject: 'Your data was erased, so nothing is sent to you.',
    article: 'Art. 17 GDPR',
  },
} as const satisfies Record<string, Words>

export const restrictionWords = {
  ok: {
    officer:
      'Processing was not restricted, nothing was kept as evidence only, and no agent held it.',
    integrator: 'No restriction and no hold.',
    subject: 'The use of your data was not restricted.',
  },
  restricted: {
    officer:
      'The person restricted processing: the data is stored and otherwise left alone, save for what the law demands or life depends on.',
    integrator:
      'Do not propose for this purpose while processing is restricted; only purposes resting on a legal duty or vital interests go on.',
    subject: 'You asked us to restrict the use of your data, so we only keep it.',
    article: 'Art. 18 GDPR',
  },
  legal_hold: {
    officer: 'The data is kept as evidence and otherwise left alone.',
    integrator: 'Do not propose for this profile while it is kept as evidence.',
    subject: 'Your data is kept for a legal matter only and is not used for anything else.',
    article: 'Art. 17(3)(e), 18(2) GDPR',
  },
  held: {
    officer: 'Held back at the request of {agents}, which gave the reason {reason}.',
    integrator: 'It waits until {agents} releases the hold ({reason}).',
    subject: 'We are holding this back for now.',
  },
} as const satisfies Record<string, Words>

export const jurisdictionWords = {
  ok: {
    officer: 'The law of {jurisdiction} applies.',
    integrator: 'The jurisdiction is known.',
    subject: 'We know which country’s law protects you.',
    article: 'Art. 3 GDPR',
  },
  strictest_assumed: {
    officer: 'It is not known which law applies, so the strictest is assumed.',
    integrator: 'The jurisdiction is not known; the strictest law was assumed.',
    subject: 'We do not know where you live, so we apply the strictest rules that we have.',
    article: 'Art. 3 GDPR',
  },
} as const satisfies Record<string, Words>

export const specialCategoryWords = {
  ok: {
    officer:
      'No data of a special category is involved, and nothing says that the person is a minor.',
    integrator: 'No special category, and no minor.',
    subject: 'No especially sensitive data was involved.',
    article: 'Art. 9 GDPR',
  },
  minor: {
    officer:
      'The person is a minor: they may not be advertised to or profiled, or {purpose} lacks the verified consent of a guardian.',
    integrator: 'Do not propose {purpose} for minors.',
    subject: 'You are registered as too young for this kind of use of your data.',
    article: 'Art. 8 GDPR',
  },
  minor_needs_opt_in: {
    officer:
      'The person is a minor old enough to decide about {purpose}, and has not agreed to it: silence is no consent here.',
    integrator: 'Have the consent of the person recorded for {purpose} before proposing.',
    subject: 'At your age we need your own agreement to this, and you have not given it.',
    article: 'Art. 8 GDPR; Cal. Civ. Code 1798.120(c)',
  },
  explicit_consent: {
    officer:
      'Data of a special category ({traits}) goes out on explicit consent for exactly {purpose}.',
    integrator: 'There is explicit consent for the special data.',
    subject: 'You explicitly agreed to this use of especially sensitive data.',
    article: 'Art. 9(2)(a) GDPR',
  },
  special_needs_explicit_consent: {
    officer:
      'Data of a special category ({traits}) needs consent for exactly {purpose}, and there is none.',
    integrator:
      'Leave {traits} out of `fields`, or have consent recorded for exactly {purpose} before proposing.',
    subject:
      'It would have contained especially sensitive data about you, to which you have not explicitly agreed.',
    article: 'Art. 9(2)(a) GDPR',
  },
} as const satisfies Record<string, Words>

export const objectionWords = {
  ok: {
    officer: 'The person objected to nothing that covers this.',
    integrator: 'No objection.',
    subject: 'You have not objected to this.',
    article: 'Art. 21 GDPR',
  },
  objected: {
    officer: 'The person objected to {purpose} or to a purpose above it. No basis outweighs that.',
    integrator: 'Stop proposing {purpose} for this profile: the person objected.',
    subject: 'You objected to this use of your data, and we respect that.',
    article: 'Art. 21(2), 21(3) GDPR',
  },
  gpc_opt_out: {
    officer: 'The person’s browser sent Global Privacy Control: no sale and no sharing.',
    integrator: 'Do not share this profile for advertising: its browser opted out.',
    subject: 'Your browser told us not to sell or share your data, and we respect that.',
    article: '11 CCR § 7025',
  },
} as const satisfies Record<string, Words>
