/**
 * The last step on the way out. A dispatch begins in one transaction: the person's legal state is held in
 * share mode, everything is decided again from what stands now, and only then the activation becomes
 * `dispatching`. Withdrawing consent updates the same legal state, so it comes wholly before or after:
 * after a committed withdrawal nothing begins. A policy that comes into force meets it likewise. Sending happens
 * outside the transaction, at least once, with the activation's id as idempotency key.
 *
 * What is under a cap, or takes of a budget, begins in a transaction of its own, in which the same rows and the budgets
 * are held by one dispatch alone: it counts everything that began before it, so a cap is exact. Nobody else waits for
 * that.
 */
import type { TransactionSql } from 'postgres'
import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { findActivePolicyNumber } from '../../../blackboard/query/findActivePolicyNumber.ts'
import { holdPolicy } from '../../../blackboard/query/holdPolicy.ts'
import { lockApproved, type ApprovedRow } from '../../../blackboard/query/lockApproved.ts'
import { lockBudgets } from '../../../blackboard/query/lockBudgets.ts'
import { lockCapped } from '../../../blackboard/query/lockCapped.ts'
import { lockStanding } from '../../../blackboard/query/lockStanding.ts'
import { moveActivations } from '../../../blackboard/query/moveActivations.ts'
import { readCircuits } from '../../../blackboard/query/readCircuits.ts'
import { transact } from '../../../blackboard/transact.ts'
import { fail } from '../../errors.ts'
import type { Outcome } from '../../model/decision.ts'
import { assemble, rulesOf, type Assembly, type GateDeps, type Rules } from '../gate/assemble.ts'
import { capsFor } from '../gate/contacts.ts'
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

const stateAfter: Readonly<Record<Exclude<Outcome, 'allow'>, string>> = {
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
  keys: readonly ApprovedKey[],
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

export interface ApprovedKey extends ActivationKey {
  purpose: string
  channel: string
  /** What it is paid from, where it costs something. */
  budget: string | null
}

async function beginByCurrentRules(
  deps: DispatchDeps,
  workspaceId: number,
  keys: readonly ApprovedKey[],
): Promise<Beginning> {
  const all: Beginning = { begun: [], judged: [], waiting: 0 }
  let left = keys
  for (let attempt = 1; attempt <= rulesTriesMax; attempt += 1) {
    const rules = await rulesOf(deps, workspaceId)
    const groups = Map.groupBy(left, (key) => isCounted(rules, key))
    left = []
    for (const [isExact, group] of groups) {
      const part = await transact(deps.board.db, (tx) => begin(tx, deps, rules, group, isExact))
      if (part === undefined) left = [...left, ...group]
      else {
        all.begun.push(...part.begun)
        all.judged.push(...part.judged)
        all.waiting += part.waiting
      }
    }
    if (left.length === 0) return all
    deps.board.signals.send('policy')
  }
  throw fail('write_conflict', { what: 'the policy changed meanwhile' })
}

/** Whether how many may go is counted: it is under a cap, or takes of a budget. */
const isCounted = ({ active }: Rules, key: ApprovedKey): boolean =>
  key.budget !== null || capsFor(active?.policy, key).length > 0

/**
 * Decides again under the lock and marks what may go out as dispatching, under this worker's name. Nothing
 * when the rules are not those in force any more.
 */
async function begin(
  tx: TransactionSql,
  deps: DispatchDeps,
  rules: Rules,
  keys: readonly ApprovedKey[],
  isExact: boolean,
): Promise<Beginning | undefined> {
  const { board, owner, leaseMs } = deps
  const { workspaceId, active } = rules
  const profileIds = [...new Set(keys.map(({ profileId }) => profileId))]
  const lock = isExact ? lockCapped : lockStanding
  const budgets = [...new Set(keys.flatMap(({ budget }) => budget ?? []))]
  const [, locked, rows, [policy], circuits] = await Promise.all([
    holdPolicy(tx, { workspaceId }),
    lock(tx, { workspaceId, ids: profileIds }),
    lockApproved(tx, { workspaceId, profileIds, ids: keys.map(({ id }) => id) }),
    findActivePolicyNumber(tx, { workspaceId, at: board.clock.now().toISOString() }),
    readCircuits(tx, { workspaceId }),
    // A dispatch that begins without a lease would be nobody's if this process died now.
    beatWorker(tx, { id: owner, leaseMs }),
    budgets.length > 0 && lockBudgets(tx, { workspaceId, names: budgets }),
  ])
  if ((policy?.number ?? null) !== (active?.number ?? null)) return undefined
  const now = board.clock.now()
  const { ready, waits } = sortOut(deps, rows, createGuard(circuits, now))
  const assembly = await assemble(tx, deps, rules, ready)
  if (isExact) demandWhole(assembly, locked)
  const judged = ready.flatMap((row) => judgeInTurn(deps, assembly, row))
  const news = new Set(
    judged.filter((each) => isExact || isNews(each, active?.number ?? null, now)),
  )
  const moves = judged.map((each) => moveOf(each, news.has(each), owner))
  await recordDecisions(tx, board, assembly, 'dispatch', [...news])
  await assembly.purse.book(tx)
  await moveActivations(tx, {
    workspaceId,
    holder: null,
    at: now.toISOString(),
    moves: JSON.stringify([...waits, ...moves]),
  })
  return { judged, waiting: waits.length, begun: judged.flatMap((each) => begunOf(deps, each)) }
}

/** What may be tried now, and what waits since its destination is left alone. */
function sortOut(
  { channels }: DispatchDeps,
  rows: readonly ApprovedRow[],
  waitOf: ReturnType<typeof createGuard>,
) {
  const sorted = rows.map((row) => {
    const circuit = channels.find(row.channel)?.circuitOf(row.destination)
    return { row, dueAt: circuit === undefined ? undefined : waitOf(circuit) }
  })
  return {
    ready: sorted.flatMap(({ row, dueAt }) => (dueAt ? [] : [row])),
    waits: sorted.flatMap(({ row, dueAt }) =>
      dueAt ? [{ profileId: row.profileId, id: row.id, state: 'approved', dueAt }] : [],
    ),
  }
}

/**
 * Who was merged while the lock was waited for is counted as one person by now, and held as two: another dispatch
 * may hold the other half. All who dispatch for a person meet on the canonical profile.
 *
 * @throws write_conflict, which begins the transaction anew
 */
function demandWhole({ subjects }: Assembly, locked: readonly { profileId: string }[]): void {
  const held = new Set(locked.map(({ profileId }) => profileId))
  if ([...subjects.values()].some(({ canonical }) => !held.has(canonical))) {
    throw fail('write_conflict', { what: 'a profile was merged meanwhile' })
  }
}

/** One after the other: what goes out counts for the next of the same person. */
function judgeInTurn(
  deps: DispatchDeps,
  assembly: Assembly,
  row: ApprovedRow,
): Judged<ApprovedRow>[] {
  const judged = judge(deps, assembly, row)
  if (judged.some(goesNow)) {
    assembly.contacts.add(row)
    assembly.purse.take(row)
  }
  return judged
}

const goesNow = ({ verdict }: Judged): boolean =>
  verdict.outcome === 'allow' && verdict.obligations.notBefore === null

const moveOf = (each: Judged<ApprovedRow>, isNew: boolean, owner: string): object => {
  const { row, subject, verdict, decisionId } = each
  return {
    profileId: row.profileId,
    id: row.id,
    ...(isNew ? { decisionId, legalVersion: subject.legalVersion } : {}),
    ...stepOf(each, owner),
    ...(verdict.outcome === 'allow' ? {} : { error: verdict.reason }),
  }
}

function stepOf(each: Judged<ApprovedRow>, owner: string): object {
  const { subject, verdict } = each
  if (goesNow(each)) {
    return { state: 'dispatching', leaseOwner: owner, tries: 1, sentAs: subject.canonical }
  }
  const { outcome, obligations } = verdict
  return outcome === 'allow'
    ? { state: 'approved', dueAt: obligations.notBefore }
    : { state: stateAfter[outcome] }
}

function begunOf({ channels }: DispatchDeps, each: Judged<ApprovedRow>): Begun[] {
  const { row, subject, verdict } = each
  const channel = channels.find(row.channel)
  return goesNow(each) && channel
    ? [{ channel, item: { row, subject, obligations: verdict.obligations } }]
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
  obligationsKey(row.obligations) !== obligationsKey(verdict.obligations)

const obligationsKey = ({
  mask = [],
  hash = [],
  notBefore = null,
}: {
  mask?: readonly string[]
  hash?: readonly string[]
  notBefore?: Date | string | null
}): string => JSON.stringify([mask, hash, notBefore && new Date(notBefore)])
