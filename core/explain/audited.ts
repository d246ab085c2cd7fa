/**
 * Whoever can write to the tables can rewrite a decision, what it was made from and what followed, so that it can be
 * made again to the answer that they want. The audit log, which is chained and signed, has its own word of each.
 */
import { z } from 'zod'
import { findAudited } from '../../blackboard/query/findAudited.ts'
import type { DecisionRecord } from '../../blackboard/query/findDecisionRecord.ts'
import type { Board } from '../board.ts'
import { digestOfInputs } from '../flow/gate/capture.ts'
import type { Difference } from './difference.ts'

/** As `recordDecisions` writes it down; releases of before left out the digest and the policy's hash. */
const entrySchema = z.object({
  purpose: z.string(),
  channel: z.string(),
  reason: z.string(),
  policy: z.int().nullable(),
  checks: z.record(z.string(), z.string()),
  inputs: z.string().exactOptional(),
  policyHash: z.string().nullable().exactOptional(),
})

export interface Audited {
  /** False for decisions of releases that did not write down what they were made from. */
  readonly isDigested: boolean
  /** Where the tables say something else than the audit log. */
  readonly differences: readonly Difference[]
}

export async function compareAudited(
  { db }: Board,
  workspaceId: number,
  record: DecisionRecord,
): Promise<Audited> {
  const [found] = await findAudited(db.sql, { workspaceId, id: record.id })
  const entry = found && entrySchema.safeParse(found.payload).data
  if (!found || !entry) return { isDigested: false, differences: [] }
  const { inputs, policyHash, checks, policy, ...plain } = entry
  // An erasure takes the inputs with it, and leaves the verdicts.
  const isGone = record.isErased && record.inputs === null
  const stored = record.inputs === null ? 'nothing' : digestOfInputs(record.inputs)
  const said: Said[] = [
    ['object', found.object, `activation:${record.activationId}`],
    ['outcome', found.action.slice(found.action.lastIndexOf('.') + 1), record.outcome],
    ['purpose', plain.purpose, record.purpose],
    ['channel', plain.channel, record.channel],
    ['reason', plain.reason, record.reason],
    ['policy', String(policy), String(record.policyNumber)],
    ...(policyHash === undefined
      ? []
      : [['policyHash', String(policyHash), String(record.policyHash)] satisfies Said]),
    ...record.checks.map(({ name, verdict }): Said => [
      `checks.${name}`,
      checks[name] ?? 'nothing',
      verdict,
    ]),
    ...(inputs === undefined || isGone ? [] : [['inputs', inputs, stored] satisfies Said]),
  ]
  return {
    isDigested: inputs !== undefined,
    differences: said.flatMap(([where, recorded, replayed]) =>
      recorded === replayed ? [] : [{ where: `audit.${where}`, recorded, replayed }],
    ),
  }
}

type Said = [where: string, recorded: string, found: string]
