import type { Check } from '../../model/decision.ts'
import type { GateInput } from './input.ts'

/** What one check found; the gate adds the check's name. */
export type Finding = Omit<Check, 'name'>

export type CheckFunction = (input: GateInput) => Finding

export const pass = (reason = 'ok', evidence: readonly string[] = []): Finding => ({
  verdict: 'pass',
  reason,
  evidence: [...evidence],
})

export const refuse = (reason: string, evidence: readonly string[] = []): Finding => ({
  verdict: 'fail',
  reason,
  evidence: [...evidence],
})

export const hold = (reason: string, evidence: readonly string[] = []): Finding => ({
  verdict: 'hold',
  reason,
  evidence: [...evidence],
})
