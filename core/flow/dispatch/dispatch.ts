/**
 * The last step on the way out. A dispatch begins in one transaction: the person's legal state is held in
 * share mode, everything is decided again from what stands now, and only then the activation becomes
 * `dispatching`. Withdrawing consent updates the same legal state, so it comes wholly before or after:
 * after a committed withdrawal nothing begins. Sending happens outside the transaction, at least once,
 * with the activation's id as idempotency key.
 */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { findActivePolicyNumber } from '../../../blackboard/query/findActivePolicyNumber.ts'
import { listApproved } from '../../../blackboard/query/listApproved.ts'
import { lockApproved, type ApprovedRow } from '../../../blackboard/query/lockApproved.ts'
import { lockStanding } from '../../../blackboard/query/lockStanding.ts'
import { moveActivations } from '../../../blackboard/query/moveActivations.ts'
import { readCircuits } from '../../../blackboard/query/readCircuits.ts'
import { reportCircuits } from '../../../blackboard/query/reportCircuits.ts'
import { transact } from '../../../blackboard/transact.ts'
import { fail } from '../../errors.ts'
import type { Outcome } from '../../model/decision.ts'
import { trouble } from '../../trouble.ts'
import type { Channel, Delivery, Message } from '../channel/channel.ts'
import { assemble, rulesOf, type GateDeps, type Rules } from '../gate/assemble.ts'
import { judge, recordDecisions, type Judged } from '../gate/gate.ts'
import { messagesOf, type Cleared } from './message.ts'

export interface DispatchDeps extends GateDeps {
  /** This worker's id, which its dispatches name. */
  owner: string
}

/** Activations sent side by side. */
export const dispatchBatchMax = 50
/** Tries before an activation counts as failed; the last wait is about four minutes. */
const triesMax = 10
const backoffBaseMs = 500
const backoffMaxMs = 10 * 60_000
/** Failures in a row before a destination is left alone, and for how long. */
const circuitFailuresMax = 5
const circuitOpenMs = 30_000

const stateAfter: Readonly<Record<Outcome, string>> = {
  allow: 'dispatching',
  refuse: 'recalled',
  hold: 'held',
}

/** Sends what is approved and due. Returns how many activations it looked at; 0 when none is due. */
export async function dispatchApproved(deps: DispatchDeps): Promise<number> {
  const { board } = deps
  const due = await listApproved(board.db.sql, {
    now: board.clock.now().toISOString(),
    limit: dispatchBatchMax,
  })
  for (const [workspaceId, rows] of Map.groupBy(due, (row) => row.workspaceId)) {
    const rules = await rulesOf(deps, workspaceId)
    const begun = await transact(board.db, (tx) => begin(tx, deps, rules, rows))
    await finish(deps, workspaceId, begun)
    board.signals.profileChanged(
      workspaceId,
      rows.map(({ profileId }) => profileId),
    )
  }
  if (due.length > 0) board.signals.send('audit')
  return due.length
}

interface Begun {
  item: Cleared
  channel: Channel
}

/** Decides again under the lock and marks what may go out as dispatching, under this worker's name. */
async function begin(
  tx: TransactionSql,
  deps: DispatchDeps,
  rules: Rules,
  due: readonly { profileId: string; id: string }[],
): Promise<Begun[]> {
  const { board, channels, owner } = deps
  const { workspaceId, active } = rules
  const profileIds = [...new Set(due.map(({ profileId }) => profileId))]
  const [, rows, [policy], circuits] = await Promise.all([
    lockStanding(tx, { workspaceId, ids: profileIds }),
    lockApproved(tx, { workspaceId, profileIds, ids: due.map(({ id }) => id) }),
    findActivePolicyNumber(tx, { workspaceId }),
    readCircuits(tx, { workspaceId }),
  ])
  if ((policy?.number ?? null) !== (active?.number ?? null)) {
    board.signals.send('policy')
    throw fail('write_conflict', { what: 'the policy changed meanwhile' })
  }
  const open = new Map(circuits.map(({ destination, openUntil }) => [destination, openUntil]))
  const now = board.clock.now()
  const blockedUntil = ({ channel, destination }: ApprovedRow): Date | undefined => {
    const until = open.get(channels.find(channel)?.circuitOf(destination) ?? '')
    return until && until > now ? until : undefined
  }
  const ready = rows.filter((row) => !blockedUntil(row))
  const assembly = await assemble(tx, deps, rules, ready)
  const judged = ready.flatMap((row) => judge(deps, assembly, row))
  const changed = judged.filter(isNews)
  await recordDecisions(tx, board, assembly, 'dispatch', changed)
  const waiting = rows.flatMap((row) => {
    const until = blockedUntil(row)
    return until ? [{ profileId: row.profileId, id: row.id, state: 'approved', dueAt: until }] : []
  })
  await moveActivations(tx, {
    workspaceId,
    holder: null,
    profileIds,
    at: now.toISOString(),
    moves: JSON.stringify([
      ...waiting,
      ...judged.map(({ row, subject, verdict, decisionId }) => ({
        ...{ profileId: row.profileId, id: row.id, state: stateAfter[verdict.outcome] },
        ...(changed.some((news) => news.row === row)
          ? { decisionId, legalVersion: subject.legalVersion }
          : {}),
        ...(verdict.outcome === 'allow'
          ? { leaseOwner: owner, tries: 1 }
          : { error: verdict.reason }),
      })),
    ]),
  })
  return judged.flatMap(({ row, subject, verdict }) => {
    const channel = channels.find(row.channel)
    return verdict.outcome === 'allow' && channel
      ? [{ channel, item: { row, subject, mask: verdict.obligations.mask } }]
      : []
  })
}

/** A decision is recorded again when what it rests on moved since, or when the answer did. */
const isNews = ({ row, subject, verdict }: Judged<ApprovedRow>): boolean =>
  verdict.outcome !== 'allow' || row.legalVersion !== subject.legalVersion

/** Sends, then records how it went; a worker that lost its lease meanwhile records nothing. */
async function finish(
  deps: DispatchDeps,
  workspaceId: number,
  begun: readonly Begun[],
): Promise<void> {
  if (begun.length === 0) return
  const { board, owner } = deps
  const messages = await messagesOf(board, workspaceId, begun)
  const deliveries = await Promise.all(
    messages.map((message, at) => deliver(deps, begun[at]?.channel, message)),
  )
  const now = board.clock.now()
  const results = begun.map(({ item, channel }, at) => ({
    row: item.row,
    circuit: channel.circuitOf(item.row.destination),
    delivery: deliveries[at] ?? { result: 'retry' as const, reason: 'internal' },
  }))
  await transact(board.db, async (tx) => {
    await Promise.all([
      moveActivations(tx, {
        workspaceId,
        holder: owner,
        profileIds: results.map(({ row }) => row.profileId),
        at: now.toISOString(),
        moves: JSON.stringify(results.map(({ row, delivery }) => moveAfter(row.profileId, row.id, row.attempts, delivery, now))),
      }),
      reportCircuits(tx, {
        workspaceId,
        failuresMax: circuitFailuresMax,
        openUntil: new Date(now.getTime() + circuitOpenMs).toISOString(),
        reports: JSON.stringify(reportsOf(results)),
      }),
      appendAudit(tx, {
        entries: JSON.stringify(
          results.map(({ row, delivery }) => ({
            ...{ workspaceId, at: now, actor: `channel:${row.channel}` },
            id: board.clock.id(),
            action: `dispatch.${delivery.result}`,
            object: `activation:${row.id}`,
            payload: {
              profile: row.profileId,
              purpose: row.purpose,
              attempt: row.attempts + 1,
              ...('reason' in delivery ? { reason: delivery.reason } : {}),
            },
          })),
        ),
      }),
    ])
  })
}

async function deliver(
  { board }: DispatchDeps,
  channel: Channel | undefined,
  message: Message,
): Promise<Delivery> {
  if (!channel) return { result: 'failed', reason: 'channel_unknown' }
  try {
    return await channel.deliver(message)
  } catch (thrown) {
    board.log.error({ activation: message.id, ...trouble(thrown) }, 'a channel failed to deliver')
    return { result: 'retry', reason: 'internal' }
  }
}

function moveAfter(
  profileId: string,
  id: string,
  attemptsBefore: number,
  delivery: Delivery,
  now: Date,
): object {
  const base = { profileId, id }
  if (delivery.result === 'sent') return { ...base, state: 'sent' }
  const attempts = attemptsBefore + 1
  if (delivery.result === 'failed' || attempts >= triesMax) {
    return { ...base, state: 'failed', error: delivery.reason }
  }
  const waitMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** attempts)
  const dueAt = new Date(now.getTime() + waitMs)
  return { ...base, state: 'approved', error: delivery.reason, dueAt }
}

/** One report per destination: a single success shows that it lives. A refusal is an answer, not a failure. */
function reportsOf(
  results: readonly { circuit: string; delivery: Delivery }[],
): { destination: string; ok: boolean }[] {
  const isAlive = new Map<string, boolean>()
  for (const { circuit, delivery } of results) {
    isAlive.set(circuit, isAlive.get(circuit) === true || delivery.result !== 'retry')
  }
  return [...isAlive].map(([destination, ok]) => ({ destination, ok }))
}
