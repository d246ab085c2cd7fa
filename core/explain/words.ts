import type { Check, CheckName } from '../model/decision.ts'
import type { Words } from './sentence.ts'
import { lawfulBasisWords } from './words/consent.ts'
import {
  jurisdictionWords,
  objectionWords,
  restrictionWords,
  specialCategoryWords,
  subjectWords,
} from './words/person.ts'
import {
  automatedDecisionWords,
  budgetWords,
  compatibilityWords,
  frequencyWords,
  minimisationWords,
  policyWords,
  riskWords,
} from './words/policy.ts'
import { killSwitchWords, manifestWords, requestWords } from './words/request.ts'
import { sharedWords } from './words/shared.ts'
import { evidenceWords, obligationWords, outcomeWords, rightWords } from './words/whole.ts'

/** Everything an explanation can say, by code. Another language is another one of these. */
export interface Catalogue {
  readonly checks: Readonly<Record<CheckName, Readonly<Record<string, Words>>>>
  /** Codes that any check may give, and `unknown_code` for the rest. */
  readonly shared: Readonly<Record<keyof typeof sharedWords, Words>>
  readonly outcomes: Readonly<Record<keyof typeof outcomeWords, Words>>
  readonly evidence: Readonly<Record<keyof typeof evidenceWords, Words>>
  readonly obligations: Readonly<Record<keyof typeof obligationWords, Words>>
  readonly rights: Readonly<Record<keyof typeof rightWords, Words>>
}

export const english: Catalogue = {
  checks: {
    request: requestWords,
    kill_switch: killSwitchWords,
    manifest: manifestWords,
    subject: subjectWords,
    restriction: restrictionWords,
    jurisdiction: jurisdictionWords,
    special_category: specialCategoryWords,
    objection: objectionWords,
    lawful_basis: lawfulBasisWords,
    purpose_compatibility: compatibilityWords,
    automated_decision: automatedDecisionWords,
    policy: policyWords,
    minimisation: minimisationWords,
    frequency: frequencyWords,
    budget: budgetWords,
    risk: riskWords,
  },
  shared: sharedWords,
  outcomes: outcomeWords,
  evidence: evidenceWords,
  obligations: obligationWords,
  rights: rightWords,
}

/**
 * The code under which a verdict is explained: its own reason, except where somebody else wrote that. A rule of
 * the policy and an agent's hold bring codes of their own, which are told as what they are.
 */
export function codeOf({ name, verdict, reason, evidence }: Check): string {
  if (name === 'policy' && evidence.some((each) => each.startsWith('rule:'))) {
    return verdict === 'pass' ? 'rule_permits' : 'rule_forbids'
  }
  if (name === 'restriction' && verdict === 'hold') return 'held'
  if (
    name === 'frequency' &&
    reason === 'ok' &&
    !evidence.some((each) => each.startsWith('max:'))
  ) {
    return 'no_cap'
  }
  return reason
}

/** The words for one verdict; those for `unknown_code` when nothing is known of its code. */
export function wordsFor(
  check: Check,
  { checks, shared }: Catalogue,
): { code: string; words: Words } {
  const code = codeOf(check)
  const own: Readonly<Record<string, Words>> = checks[check.name]
  const common: Readonly<Record<string, Words>> = shared
  for (const words of [own, common]) {
    const found = Object.hasOwn(words, code) ? words[code] : undefined
    if (found !== undefined) return { code, words: found }
  }
  return { code: 'unknown_code', words: shared.unknown_code }
}
