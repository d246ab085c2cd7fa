import type { TransactionSql } from 'postgres'
import { findPolicyActive } from '../../blackboard/query/findPolicyActive.ts'
import { listPolicyAncestors } from '../../blackboard/query/listPolicyAncestors.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { rollbackPolicyInput } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { returnTo } from './returnTo.ts'
import { authorOf, readPolicy } from './version.ts'

/**
 * Puts back in force what was before: the version that the active one replaced, or one named that it goes
 * back to. It was approved when it came into force, so it needs no approval now. A version that was rolled
 * back is not gone back to: only what is before the active one is.
 *
 * @throws forbidden, bad_input, policy_no_way_back, policy_invalid
 */
export async function rollbackPolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'approve', 'Policy')
  const { to, reason } = parseInput(rollbackPolicyInput, input)
  const { workspaceId } = reader.principal
  const done = await changePolicy(reader, async (tx) => {
    const number = await targetOf(tx, workspaceId, to ?? null)
    // What cannot be evaluated any more would refuse everything to everybody.
    await readPolicy(tx, workspaceId, number)
    const [active] = await findPolicyActive(tx, { workspaceId })
    const by = { kind: 'rollback', actor: authorOf(reader), reason } as const
    await returnTo(tx, reader.board, workspaceId, number, by)
    return {
      action: 'policy.rollback',
      number,
      payload: { replaced: active?.number ?? null },
    }
  })
  return done.number
}

async function targetOf(
  tx: TransactionSql,
  workspaceId: number,
  to: number | null,
): Promise<number> {
  const ancestors = await listPolicyAncestors(tx, { workspaceId })
  const found = to === null ? ancestors[0] : ancestors.find(({ number }) => number === to)
  if (found) return found.number
  const target = to === null ? 'an earlier version' : `version ${to}`
  throw fail('policy_no_way_back', { target })
}
