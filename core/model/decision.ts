/** The gate's checks, in the order in which they decide. Each is evaluated every time, for the explanation. */
export const checkNames = [
  'request',
  'kill_switch',
  'manifest',
  'subject',
  'restriction',
  'jurisdiction',
  'special_category',
  'objection',
  'lawful_basis',
  'purpose_compatibility',
  'automated_decision',
  'policy',
  'minimisation',
  'frequency',
  'budget',
  'risk',
] as const
export type CheckName = (typeof checkNames)[number]

export type Verdict = 'pass' | 'hold' | 'fail'

export interface Check {
  name: CheckName
  verdict: Verdict
  /** A code such as `consent_withdrawn`; never personal data. */
  reason: string
  /** Ids and versions of what was looked at: consent event ids, rule ids, revisions. */
  evidence: string[]
}

export type Outcome = 'allow' | 'refuse' | 'hold'

export interface Verdicts {
  outcome: Outcome
  /** Code of the first check that did not pass; `allowed` when all passed. */
  reason: string
  checks: Check[]
}
