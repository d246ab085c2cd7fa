import { checkNames } from '../../model/decision.ts'
import type { Check, CheckName, Verdicts } from '../../model/decision.ts'
import { checkBudget } from './check/budget.ts'
import { checkLawfulBasis, grantOf } from './check/basis.ts'
import { checkMinimisation, checkPurposeCompatibility, maskOf } from './check/data.ts'
import {
  checkJurisdiction,
  checkObjection,
  checkRestriction,
  checkSpecialCategory,
  checkSubject,
} from './check/person.ts'
import { checkFrequency, checkRisk, hashOf, limitsChangeAt, waitOf } from './check/limit.ts'
import { checkAutomatedDecision, checkPolicy } from './check/policy.ts'
import { checkKillSwitch, checkManifest, checkRequest } from './check/request.ts'
import { refuse } from './finding.ts'
import type { CheckFunction } from './finding.ts'
import { maxAgeOf } from '../../../policies/limit.ts'
import type { GateInput, GateVerdict, Obligations } from './input.ts'

const checks: Readonly<Record<CheckName, CheckFunction>> = {
  request: checkRequest,
  kill_switch: checkKillSwitch,
  manifest: checkManifest,
  subject: checkSubject,
  restriction: checkRestriction,
  jurisdiction: checkJurisdiction,
  special_category: checkSpecialCategory,
  objection: checkObjection,
  lawful_basis: checkLawfulBasis,
  purpose_compatibility: checkPurposeCompatibility,
  automated_decision: checkAutomatedDecision,
  policy: checkPolicy,
  minimisation: checkMinimisation,
  frequency: checkFrequency,
  budget: checkBudget,
  risk: checkRisk,
}

/** A plan older than this is decided anew before anything is sent. */
const validForMs = 5 * 60_000

/** Told of a check that threw; the check's verdict was a refusal. Count it and raise the alarm. */
export type OnCheckError = (check: CheckName, thrown: unknown) => void

/**
 * Decides one activation. Every check is evaluated every time, in the order of `checkNames`, so that the
 * explanation is complete and takes the same work whatever the answer. The first failure decides; holds
 * wait only for what would otherwise be allowed. A check that throws has failed.
 */
export function decide(input: GateInput, onError: OnCheckError = () => {}): GateVerdict {
  const verdicts = conclude(checkNames.map((name) => evaluate(name, input, onError)))
  if (verdicts.outcome === 'refuse') return { ...verdicts, obligations: none, validUntil: null }
  const obligations = obligationsOf(input)
  const validUntil = verdicts.outcome === 'allow' ? endOf(input, obligations) : null
  return { ...verdicts, obligations, validUntil }
}

const none: Obligations = { mask: [], hash: [], notBefore: null, maxAgeDays: null }

function obligationsOf(input: GateInput): Obligations {
  const mask = maskOf(input)
  return {
    mask,
    hash: hashOf(input, mask),
    notBefore: waitOf(input),
    maxAgeDays: maxAgeOf(input.limits),
  }
}

function evaluate(name: CheckName, input: GateInput, onError: OnCheckError): Check {
  try {
    return { name, ...checks[name](input) }
  } catch (thrown) {
    onError(name, thrown)
    return { name, ...refuse('evaluation_error') }
  }
}

function conclude(evaluated: Check[]): Verdicts {
  const failed = evaluated.find(({ verdict }) => verdict === 'fail')
  if (failed !== undefined) return { outcome: 'refuse', reason: failed.reason, checks: evaluated }
  const held = evaluated.find(({ verdict }) => verdict === 'hold')
  if (held !== undefined) return { outcome: 'hold', reason: held.reason, checks: evaluated }
  return { outcome: 'allow', reason: 'allowed', checks: evaluated }
}

/** When the answer may be another: by the clock alone, whatever else changes moves a version on. */
function endOf(input: GateInput, { mask }: Obligations): Date {
  const end = input.now.getTime() + validForMs
  const expires = grantOf(input)?.expiresAt?.getTime() ?? end
  const changes = limitsChangeAt(input, mask).map((at) => at.getTime())
  return new Date(Math.min(end, expires, ...changes))
}
