import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { claimProposed, type GateRow } from '../../../blackboard/query/claimProposed.ts'
import type { SubjectRow } from '../../../blackboard/query/loadSubjects.ts'
import { insertDecisions } from '../../../blackboard/query/insertDecisions.ts'
import { keepSetting } from '../../../blackboard/query/keepSetting.ts'
import { listProposed } from '../../../blackboard/query/listProposed.ts'
import { lockStanding } from '../../../blackboard/query/lockStanding.ts'
import { moveActivations } from '../../../blackboard/query/moveActivations.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import type { Outcome } from '../../model/decision.ts'
import type { Span } from '../../tracing/tracing.ts'
import { assemble, rulesOf, type Assembly, type GateDeps, type Rules } from './assemble.ts'
import { digestOfInputs } from './capture.ts'
import { decide } from './decide.ts'
import type { GateInput, GateVerdict } from './input.ts'
import { askShadow, countShadow, type ShadowAnswers } from './shadow.ts'

/** Activations decided in one transaction; 100 keep its locks below 50 ms. */
export const gateBatchMax = 100

const stateAfter: Readonly<Record<Outcome, string>> = {
  allow: 'approved',
  refuse: 'refused',
  hold: 'held',
}

/** Where an activation stands. */
export interface ActivationKey {
  profileId: string
  id: string
}

/** Decides activations that were proposed. Returns how many; 0 when none waits or others decide them. */
export async function decideProposed(deps: GateDeps): Promise<number> {
  const waiting = await listProposed(deps.board.db.sql, { limit: gateBatchMax })
  let count = 0
  for (const [workspaceId, keys] of Map.groupBy(waiting, (row) => row.workspaceId)) {
    count += await decideThese(deps, workspaceId, keys)
  }
  return count
}

/** Decides those of the activations that still wait and that no other gate is deciding. Returns how many. */
export async function decideThese(
  deps: GateDeps,
  workspaceId: number,
  keys: readonly ActivationKey[],
): Promise<number> {
  const rules = await rulesOf(deps, workspaceId)
  const decided = await transact(deps.board.db, (tx) => decideBatch(tx, deps, rules, keys))
  await tellDecided(deps, workspaceId, decided)
  return decided.judged.length
}

/** What the others are to hear when decisions have committed. */
export async function tellDecided(
  deps: GateDeps,
  workspaceId: number,
  { judged, shadowed, spans }: Decided,
): Promise<void> {
  if (judged.length === 0) return
  const { signals } = deps.board
  for (const { row, verdict } of judged) {
    const { outcome, reason } = verdict
    spans.get(row.id)?.end({ outcome })
    signals.count({ what: 'decision', kind: 'plan', outcome })
    if (outcome === 'refuse') signals.count({ what: 'activation', state: 'refused', reason })
  }
  signals.profileChanged(
    workspaceId,
    judged.map(({ row }) => row.profileId),
  )
  signals.send('approved')
  signals.send('audit')
  await countShadow(deps, workspaceId, shadowed)
}

interface Decided {
  judged: Judged[]
  shadowed: ShadowAnswers | undefined
  /** By activation. */
  spans: ReadonlyMap<string, Span>
}

/** Decides, in the caller's transaction, those of the activations that wait; the rules were read before it. */
export async function decideBatch(
  tx: TransactionSql,
  deps: GateDeps,
  rules: Rules,
  keys: readonly ActivationKey[],
): Promise<Decided> {
  const { workspaceId } = rules
  const profileIds = [...new Set(keys.map(({ profileId }) => profileId))]
  // Share mode keeps holds still while one is looked at: its release would else miss what is held just now.
  const [, rows] = await Promise.all([
    lockStanding(tx, { workspaceId, ids: profileIds }),
    claimProposed(tx, { workspaceId, profileIds, ids: keys.map(({ id }) => id) }),
  ])
  const spans = traceRows(deps, rules, rows)
  if (rows.length === 0) return { judged: [], shadowed: undefined, spans }
  const assembly = await assemble(tx, deps, rules, rows)
  const judged = rows.flatMap((row) => judge(deps, assembly, row))
  await Promise.all([
    recordDecisions(tx, deps.board, assembly, 'plan', judged),
    moveActivations(tx, {
      workspaceId,
      holder: null,
      at: deps.board.clock.now().toISOString(),
      moves: JSON.stringify(judged.map(planMove)),
    }),
  ])
  return { judged, shadowed: await askShadow(tx, deps, assembly, judged), spans }
}

function traceRows(
  { board: { tracing }, channels }: GateDeps,
  { workspaceId: workspace, active }: Rules,
  rows: readonly GateRow[],
): ReadonlyMap<string, Span> {
  return new Map(
    rows.flatMap(({ id, trace, channel }) => {
      if (trace === null || trace === undefined) return []
      // Who proposes may call a channel anything.
      const known = channels.find(channel) ? { channel } : {}
      const facts = { workspace, policy: active?.number ?? null, ...known }
      return [[id, tracing.begin('decide', trace, { facts })] as const]
    }),
  )
}

const planMove = ({ row, verdict, subject, decisionId }: Judged): object => ({
  profileId: row.profileId,
  id: row.id,
  decisionId,
  state: stateAfter[verdict.outcome],
  legalVersion: subject.legalVersion,
  error: verdict.outcome === 'allow' ? null : verdict.reason,
  ...(verdict.obligations.notBefore ? { dueAt: verdict.obligations.notBefore } : {}),
})

/** A decision about one activation, not yet recorded. */
export interface Judged<Row extends GateRow = GateRow> {
  row: Row
  subject: SubjectRow
  input: GateInput
  verdict: GateVerdict
  decisionId: string
}

/** Decides one activation; nothing when its profile is no longer there. */
export function judge<Row extends GateRow>(
  { board, policies }: GateDeps,
  assembly: Assembly,
  row: Row,
): Judged<Row>[] {
  const subject = assembly.subjects.get(row.profileId)
  if (!subject) return []
  const input = assembly.inputOf(row, subject)
  const verdict = decide(input, (check, thrown) => policies.failed(`gate.${check}`, thrown))
  return [{ row, subject, input, verdict, decisionId: board.clock.id() }]
}

/** Writes decisions with their evidence, and one audit entry each. */
export async function recordDecisions(
  tx: TransactionSql,
  { clock, engine }: Board,
  { rules: { workspaceId, active }, setting, inputsOf }: Assembly,
  kind: 'plan' | 'dispatch',
  judged: readonly Judged[],
): Promise<void> {
  if (judged.length === 0) return
  const at = clock.now()
  const captured = judged.map(({ row, subject, input }) => inputsOf(row, subject, input))
  const decisions = judged.map(({ row, subject, verdict, decisionId }, nth) => ({
    profileId: row.profileId,
    id: decisionId,
    activationId: row.id,
    kind,
    engine,
    outcome: verdict.outcome,
    reason: verdict.reason,
    checks: verdict.checks,
    policyNumber: active?.number ?? null,
    policyHash: active?.policy.hash ?? null,
    legalVersion: subject.legalVersion,
    profileRevision: subject.revision,
    obligations: verdict.obligations,
    validUntil: verdict.validUntil,
    decidedAt: at,
    inputs: captured[nth],
  }))
  const entries = judged.map(({ row, verdict, decisionId }, nth) => ({
    at,
    // Found again by the decision: its replay asks what was written down of it.
    id: decisionId,
    actor: 'system',
    action: `activation.${kind}.${verdict.outcome}`,
    object: `activation:${row.id}`,
    payload: {
      decision: decisionId,
      profile: row.profileId,
      purpose: row.purpose,
      channel: row.channel,
      reason: verdict.reason,
      policy: active?.number ?? null,
      policyHash: active?.policy.hash ?? null,
      inputs: digestOfInputs(captured[nth] ?? null),
      checks: Object.fromEntries(verdict.checks.map(({ name, verdict: word }) => [name, word])),
    },
  }))
  await Promise.all([
    insertDecisions(tx, { workspaceId, decisions: JSON.stringify(decisions) }),
    keepSetting(tx, { workspaceId, ...setting, at: at.toISOString() }),
    appendAudit(tx, { workspaceId, entries: JSON.stringify(entries) }),
  ])
}
