import type { ProfileRow } from '../../../../policies/vocabulary.ts'
import { hold, pass, refuse } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { GateInput } from '../input.ts'
import { approvalOf } from './limit.ts'
import { declaredActs } from './request.ts'

/** The officers' rules, asked for the proposer, the purpose, the channel and this profile. */
export function checkPolicy(input: GateInput): Finding {
  const { policy, request } = input
  if (policy === null) return refuse('no_active_policy')
  const { ability, number } = policy
  if (!isFor(input)) return refuse('evaluation_error', [`policy:${number}`])
  const ruling = ability.activate(request.purpose, request.channel, rowOf(input))
  const evidence = [`policy:${number}`, ...(ruling.rule === null ? [] : [`rule:${ruling.rule}`])]
  if (ruling.allowed) return pass(ruling.reason, evidence)
  // A rule's own code says more than policy_refused does; the lack of a rule has none.
  return refuse(ruling.reason === 'no_rule' ? 'policy_refused' : ruling.reason, evidence)
}

/** An ability compiled for somebody else answers for somebody else. */
function isFor({ policy, request: { proposer } }: GateInput): boolean {
  const who = policy?.ability.who
  return who?.kind === proposer.kind && (who.kind === 'principal' || who.id === proposer.id)
}

export const rowOf = ({ row, subject }: GateInput): ProfileRow => ({
  ...row,
  // As readers and agents have it: what is kept as evidence is left alone likewise.
  restricted: subject.restricted || subject.legalHold,
  jurisdiction: subject.jurisdiction,
})

/**
 * Art. 22: what weighs heavily on a person is not decided by a machine alone. Where a manifest declares such acts
 * more than once, the gravest effect counts.
 */
export function checkAutomatedDecision(input: GateInput): Finding {
  const acts = declaredActs(input)
  if (!acts.some(({ decisionEffect }) => decisionEffect === 'significant')) return pass()
  const evidence = ['effect:significant']
  const approval = approvalOf(input)
  return approval?.verdict === 'approved'
    ? pass('approved_by_person', [...evidence, `approval:${approval.id}`])
    : hold('human_review_needed', evidence)
}
