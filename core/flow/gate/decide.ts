import { checkNames } from '../../model/decision.ts'
import type { Check, CheckName, Verdicts } from '../../model/decision.ts'
import { checkLawfulBasis, grantOf } from './check/basis.ts'
import { checkMinimisation, checkPurposeCompatibility, maskOf } from './check/data.ts'
import {
  checkJurisdiction,
  checkObjection,
  checkRestriction,
  checkSpecialCategory,
  checkSubject,
} from './check/person.ts'
import { checkAutomatedDecision, checkFrequency, checkPolicy } from './check/policy.ts'
import { checkKillSwitch, checkManifest, checkRequest } from './check/request.ts'
import { refuse } from './finding.ts'
import type { CheckFunction } from './finding.ts'
import type { GateInput, GateVerdict } from './input.ts'

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
  return verdicts.outcome === 'refuse'
    ? { ...verdicts, obligations: { mask: [] }, validUntil: null }
    : {
        ...verdicts,
        obligations: { mask: maskOf(input) },
        validUntil: verdicts.outcome === 'allow' ? validUntil(input) : null,
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

function validUntil(input: GateInput): Date {
  const end = input.now.getTime() + validForMs
  const expires = grantOf(input)?.expiresAt?.getTime() ?? end
  return new Date(Math.min(end, expires))
}
