import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { claimProposed, type GateRow } from '../../../blackboard/query/claimProposed.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import { insertDecisions } from '../../../blackboard/query/insertDecisions.ts'
import { moveActivations } from '../../../blackboard/query/moveActivations.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import type { Outcome } from '../../model/decision.ts'
import { trouble } from '../../trouble.ts'
import { assemble, type Assembly, type GateDeps } from './assemble.ts'
import { decide } from './decide.ts'
import type { GateVerdict } from './input.ts'

/** Activations decided in one transaction; 100 keep its locks below 50 ms. */
export const gateBatchMax = 100

const stateAfter: Readonly<Record<Outcome, string>> = {
  allow: 'approved',
  refuse: 'refused',
  hold: 'held',
}

/** Decides activations that were proposed. Returns how many; 0 when none waits. */
export async function decideProposed(deps: GateDeps): Promise<number> {
  const { board } = deps
  const decided = await transact(board.db, async (tx) => {
    const rows = await claimProposed(tx, { limit: gateBatchMax })
    for (const [workspaceId, group] of byWorkspace(rows)) {
      const assembly = await assemble(tx, deps, workspaceId, group)
      const verdicts = group.flatMap((row) => judge(deps, assembly, row))
      await recordDecisions(tx, board, workspaceId, assembly, 'plan', verdicts)
      await moveActivations(tx, {
        workspaceId,
        holder: null,
        at: board.clock.now().toISOString(),
        moves: JSON.stringify(
          verdicts.map(({ row, verdict, subject, decisionId }) => ({
            ...{ profileId: row.profileId, id: row.id, decisionId },
            state: stateAfter[verdict.outcome],
            legalVersion: subject.legalVersion,
            error: verdict.outcome === 'allow' ? null : verdict.reason,
          })),
        ),
      })
    }
    return rows
  })
  if (decided.length > 0) {
    board.signals.send('approved')
    board.signals.send('audit')
    for (const [workspaceId, group] of byWorkspace(decided)) {
      board.signals.profileChanged(
        workspaceId,
        group.map(({ profileId }) => profileId),
      )
    }
  }
  return decided.length
}

/** A decision about one activation, not yet recorded. */
export interface Judged<Row extends GateRow = GateRow> {
  row: Row
  subject: SubjectRow
  verdict: GateVerdict
  decisionId: string
}

/** Decides one activation; nothing when its profile is no longer there. */
export function judge<Row extends GateRow>(
  { board }: GateDeps,
  assembly: Assembly,
  row: Row,
): Judged<Row>[] {
  const subject = assembly.subjects.get(row.profileId)
  if (!subject) return []
  const verdict = decide(assembly.inputOf(row, subject), (check, thrown) =>
    board.log.error({ check, ...trouble(thrown) }, 'a check of the gate failed; the activation is refused'),
  )
  return [{ row, subject, verdict, decisionId: board.clock.id() }]
}

/** Writes decisions with their evidence, and one audit entry each. */
export async function recordDecisions(
  tx: TransactionSql,
  { clock, engine }: Board,
  workspaceId: number,
  { active }: Assembly,
  kind: 'plan' | 'dispatch',
  judged: readonly Judged[],
): Promise<void> {
  if (judged.length === 0) return
  const at = clock.now()
  const decisions = judged.map(({ row, subject, verdict, decisionId }) => ({
    profileId: row.profileId,
    id: decisionId,
    activationId: row.id,
    ...{ kind, engine },
    ...{ outcome: verdict.outcome, reason: verdict.reason, checks: verdict.checks },
    policyNumber: active?.number ?? null,
    policyHash: active?.policy.hash ?? null,
    legalVersion: subject.legalVersion,
    profileRevision: subject.revision,
    obligations: verdict.obligations,
    validUntil: verdict.validUntil,
    decidedAt: at,
  }))
  const entries = judged.map(({ row, verdict, decisionId }) => ({
    ...{ workspaceId, at },
    id: clock.id(),
    actor: 'gate',
    action: `${kind}.${verdict.outcome}`,
    object: `activation:${row.id}`,
    payload: {
      decision: decisionId,
      profile: row.profileId,
      ...{ purpose: row.purpose, channel: row.channel, reason: verdict.reason },
      policy: active?.number ?? null,
      checks: Object.fromEntries(verdict.checks.map(({ name, verdict: word }) => [name, word])),
    },
  }))
  await Promise.all([
    insertDecisions(tx, { workspaceId, decisions: JSON.stringify(decisions) }),
    appendAudit(tx, { entries: JSON.stringify(entries) }),
  ])
}

export function byWorkspace<Row extends { workspaceId: number }>(
  rows: readonly Row[],
): Map<number, Row[]> {
  return Map.groupBy(rows, ({ workspaceId }) => workspaceId)
}
