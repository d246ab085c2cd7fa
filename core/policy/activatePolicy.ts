import type { TransactionSql } from 'postgres'
import { activatePolicy as putInForce } from '../../blackboard/query/activatePolicy.ts'
import { insertPolicyEnactment } from '../../blackboard/query/insertPolicyEnactment.ts'
import { judgePolicy } from '../../blackboard/query/judgePolicy.ts'
import { findPolicyActive } from '../../blackboard/query/findPolicyActive.ts'
import { movePolicy } from '../../blackboard/query/movePolicy.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { activatePolicyInput } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { checkCandidate } from './checkCandidate.ts'
import {
  authorOf,
  demandApprovals,
  demandBase,
  demandStatus,
  loadVersion,
  missingApprovals,
  nowOf,
} from './version.ts'

interface BreakGlass {
  reason: string
  expiresAt: Date
}

/**
 * Puts an approved version in force everywhere, in place of the one before. With `breakGlass` it needs no
 * approvals, and the one before comes back at the given time unless they have come until then.
 *
 * @throws forbidden, bad_input, policy_unknown, policy_not_ready, policy_needs_approvals, policy_invalid,
 * policy_tests_failed, policy_overtaken
 */
export async function activatePolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'approve', 'Policy')
  const { number, breakGlass: glass } = parseInput(activatePolicyInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const breakGlass = glass ? breakGlassFrom(board.clock.now(), glass) : null
  const seen = await loadVersion(board.db.sql, workspaceId, number)
  demandReady(seen, breakGlass !== null)
  const { base, comparison } = await checkCandidate(reader, seen.document)
  if (breakGlass && base === null) throw fail('policy_no_way_back', { target: 'any version' })
  const done = await changePolicy(reader, async (tx) => {
    await demandBase(tx, reader, base, number)
    const at = nowOf(board)
    const comparedWith = base?.number ?? null
    demandReady(await loadVersion(tx, workspaceId, number), breakGlass !== null)
    await judgePolicy(tx, { workspaceId, number, widens: comparison.widens, comparedWith, at })
    const version = await loadVersion(tx, workspaceId, number)
    const broken = breakGlass && missingApprovals(version) > 0 ? breakGlass : null
    if (!broken) demandApprovals(version)
    await enact(tx, reader, { number, previous: comparedWith, broken })
    return {
      action: broken ? 'policy.break_glass' : 'policy.activate',
      number,
      payload: {
        hash: version.documentSha256,
        replaced: comparedWith,
        ...(broken ? { until: broken.expiresAt.toISOString() } : {}),
      },
      broken,
    }
  })
  if (done.broken) raiseAlarm(reader, number, done.broken)
  return number
}

const breakGlassFrom = (
  now: Date,
  { reason, hours }: { reason: string; hours: number },
): BreakGlass => ({ reason, expiresAt: new Date(now.getTime() + hours * 3_600_000) })

function demandReady(version: Awaited<ReturnType<typeof loadVersion>>, breaksGlass: boolean): void {
  if (!breaksGlass && (version.status === 'proposed' || version.status === 'shadow')) {
    demandApprovals(version)
  }
  const allowed = breaksGlass
    ? (['proposed', 'shadow', 'approved'] as const)
    : (['approved'] as const)
  demandStatus(version, allowed, 'activated')
}

interface Enacted {
  number: number
  previous: number | null
  broken: BreakGlass | null
}

async function enact(
  tx: TransactionSql,
  reader: Reader,
  { number, previous, broken }: Enacted,
): Promise<void> {
  const { board, principal } = reader
  const { workspaceId } = principal
  const at = nowOf(board)
  const actor = authorOf(reader)
  const [active] = await findPolicyActive(tx, { workspaceId })
  if (active) await movePolicy(tx, { workspaceId, number: active.number, status: 'retired', at })
  await putInForce(tx, {
    workspaceId,
    number,
    previous,
    breakGlassBy: broken && actor,
    breakGlassReason: broken && broken.reason,
    breakGlassUntil: broken && broken.expiresAt.toISOString(),
    at,
  })
  await insertPolicyEnactment(tx, {
    workspaceId,
    id: board.clock.id(),
    number,
    replaced: active?.number ?? null,
    kind: broken ? 'break_glass' : 'activation',
    actor,
    reason: broken && broken.reason,
    at,
  })
}

/** What was written as the reason stays out of the log. */
function raiseAlarm(reader: Reader, number: number, { expiresAt }: BreakGlass): void {
  reader.board.log.error(
    { policy: number, by: authorOf(reader), until: expiresAt.toISOString() },
    'a policy version came into force without its approvals',
  )
}
