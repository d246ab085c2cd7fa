import { movePolicy } from '../../blackboard/query/movePolicy.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { policyNumberInput } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { findPolicyForce } from '../../blackboard/query/findPolicyForce.ts'
import { demandStatus, loadVersion, nowOf } from './version.ts'

/**
 * Lets the gate ask a proposed version as well, and count where it would have decided otherwise. What is
 * decided stays as it is.
 *
 * @throws forbidden, bad_input, policy_unknown, policy_not_ready, policy_shadow_taken
 */
export async function shadowPolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'write', 'Policy')
  const { number } = parseInput(policyNumberInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  await changePolicy(reader, async (tx) => {
    const at = nowOf(board)
    demandStatus(await loadVersion(tx, workspaceId, number), ['proposed'], 'put in shadow')
    const [force] = await findPolicyForce(tx, { workspaceId, at })
    if (force?.shadow) throw fail('policy_shadow_taken', { shadow: force.shadow })
    await movePolicy(tx, { workspaceId, number, status: 'shadow', at })
    return { action: 'policy.shadow', number }
  })
  return number
}
