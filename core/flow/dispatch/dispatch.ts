/**
 * The last step on the way out. A dispatch begins in one transaction: the person's legal state is held in
 * share mode, everything is decided again from what stands now, and only then the activation becomes
 * `dispatching`. Withdrawing consent updates the same legal state, so it comes wholly before or after:
 * after a committed withdrawal nothing begins. A policy that comes into force meets it likewise. Sending happens outside the transaction, at least once,
 * with the activation's id as idempotency key.
 */
import type { TransactionSql } from 'postgres'
import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { findActivePolicyNumber } from '../../../blackboard/query/findActivePolicyNumber.ts'
import { holdPolicy } from '../../../blackboard/query/holdPolicy.ts'
import { lockApproved, type ApprovedRow } from '../../../blackboard/query/lockApproved.ts'
import { lockStanding } from '../../../blackboard/query/lockStanding.ts'
import { moveActivations } from '../../../blackboard/query/moveActivations.ts'
import { readCircuits } from '../../../blackboard/query/readCircuits.ts'
import { transact } from '../../../blackboard/transact.ts'
import { fail } from '../../errors.ts'
import type { Outcome } from '../../model/decision.ts'
import { assemble, rulesOf, type GateDeps, type Rules } from '../gate/assemble.ts'
import { judge, recordDecisions, type ActivationKey, type Judged } from '../gate/gate.ts'
import { createGuard } from '../channel/circuit.ts'
import type { Begun } from './deliver.ts'

export interface DispatchDeps extends GateDeps {
  /** This worker's id, which its dispatches name. A worker has one dispatcher. */
  owner: string
  /** How long its dispatches are its own after it stopped beating. */
  leaseMs: number
}

/** Times the rules are read anew because they changed while a batch began. */
const rulesTriesMax = 3

const stateAfter: Readonly<Record<Outcome, string>> = {
  allow: 'dispatching',
  refuse: 'recalled',
  hold: 'held',
}

/**
 * Lets dispatches of one workspace begin: what is returned as begun is `dispatching` under this worker's name
 * and has to be sent. `count` is of how many activations something came.
 */
export async function beginDispatches(
  deps: DispatchDeps,
  workspaceId: number,
  keys: readonly ActivationKey[],
): Promise<{ begun: Begun[]; count: number }> {
  const { begun, judged, waiting } = await beginByCurrentRules(deps, workspaceId, keys)
  tell(deps, workspaceId, judged)
  return { begun, count: judged.length + waiting }
}

function tell(
  { board: { signals } }: DispatchDeps,
  workspaceId: number,
  judged: readonly Judged<ApprovedRow>[],
): void {
  if (judged.length === 0) return
  for (const { verdict } of judged) {
    const { outcome, reason } = verdict
    signals.count({ what: 'decision', kind: 'dispatch', outcome })
    if (outcome === 'refuse') signals.count({ what: 'activation', state: 'recalled', reason })
  }
  signals.profileChanged(
    workspaceId,
    judged.map(({ row }) => row.profileId),
  )
  signals.send('audit')
}

interface Beginning {
  begun: Begun[]
  judged: Judged<ApprovedRow>[]
  /** How many were put off because their destination is left alone. */
  waiting: number
}

async function beginByCurrentRules(
  deps: DispatchDeps,
  workspaceId: number,
  keys: readonly ActivationKey[],
): Promise<Beginning> {
  for (let attempt = 1; attempt <= rulesTriesMax; attempt += 1) {
    const rules = await rulesOf(deps, workspaceId)
    const beginning = await transact(deps.board.db, (tx) => begin(tx, deps, rules, keys))
    if (beginning) return beginning
    deps.board.signals.send('policy')
  }
  throw fail('write_conflict', { what: 'the policy changed meanwhile' })
}

/**
 * Decides again under the lock and marks what may go out as dispatching, under this worker's name. Nothing
 * when the rules are not those in force any more.
 */
async function begin(
  tx: TransactionSql,
  deps: DispatchDeps,
  rules: Rules,
  keys: readonly ActivationKey[],
): Promise<Beginning | undefined> {
  const { board, channels, owner, leaseMs } = deps
  const { workspaceId, active } = rules
  const profileIds = [...new Set(keys.map(({ profileId }) => profileId))]
  const [, , rows, [policy], circuits] = await Promise.all([
    holdPolicy(tx, { workspaceId }),
    lockStanding(tx, { workspaceId, ids: profileIds }),
    lockApproved(tx, { workspaceId, profileIds, ids: keys.map(({ id }) => id) }),
    findActivePolicyNumber(tx, { workspaceId, at: board.clock.now().toISOString() }),
    readCircuits(tx, { workspaceId }),
    // A dispatch that begins without a lease would be nobody's if this process died now.
    beatWorker(tx, { id: owner, leaseMs }),
  ])
  if ((policy?.number ?? null) !== (active?.number ?? null)) return undefined
  const now = board.clock.now()
  const waitOf = createGuard(circuits, now)
  const sorted = rows.map((row) => {
    const circuit = channels.find(row.channel)?.circuitOf(row.destination)
    return { row, dueAt: circuit === undefined ? undefined : waitOf(circuit) }
  })
  const ready = sorted.flatMap(({ row, dueAt }) => (dueAt ? [] : [row]))
  const waits = sorted.flatMap(({ row, dueAt }) =>
    dueAt ? [{ profileId: row.profileId, id: row.id, state: 'approved', dueAt }] : [],
  )
  const assembly = await assemble(tx, deps, rules, ready)
  const judged = ready.flatMap((row) => judge(deps, assembly, row))
  const news = new Set(judged.filter((each) => isNews(each, active?.number ?? null, now)))
  const moves = judged.map((each) => moveOf(each, news.has(each), owner))
  await recordDecisions(tx, board, assembly, 'dispatch', [...news])
  await moveActivations(tx, {
    workspaceId,
    profileIds,
    holder: null,
    at: now.toISOString(),
    moves: JSON.stringify([...waits, ...moves]),
  })
  return { judged, waiting: waits.length, begun: judged.flatMap((each) => begunOf(deps, each)) }
}

const moveOf = (
  { row, subject, verdict, decisionId }: Judged<ApprovedRow>,
  isNew: boolean,
  owner: string,
): object => ({
  profileId: row.profileId,
  id: row.id,
  state: stateAfter[verdict.outcome],
  ...(isNew
    ? {
        decisionId,
        legalVersion: subject.legalVersion,
      }
    : {}),
  ...(verdict.outcome === 'allow'
    ? {
        leaseOwner: owner,
        tries: 1,
        sentAs: subject.canonical,
      }
    : { error: verdict.reason }),
})

function begunOf(
  { channels }: DispatchDeps,
  { row, subject, verdict }: Judged<ApprovedRow>,
): Begun[] {
  const channel = channels.find(row.channel)
  return verdict.outcome === 'allow' && channel
    ? [{ channel, item: { row, subject, mask: verdict.obligations.mask } }]
    : []
}

/** A decision is recorded again when what it rests on moved since or it ran out, or when the answer did. */
const isNews = (
  { row, subject, verdict }: Judged<ApprovedRow>,
  policyNumber: number | null,
  now: Date,
): boolean =>
  verdict.outcome !== 'allow' ||
  row.legalVersion !== subject.legalVersion ||
  row.policyNumber !== policyNumber ||
  row.profileRevision !== subject.revision ||
  (row.validUntil !== null && row.validUntil <= now) ||
  String(row.obligations.mask ?? []) !== String(verdict.obligations.mask)
