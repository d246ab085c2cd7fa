import { movePolicy } from '../../blackboard/query/movePolicy.ts'
import { parseInput } from '../admin/parseInput.ts'
import { policyNumberInput } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { demandStatus, loadVersion, nowOf } from './version.ts'

/**
 * Gives up a version that is not in force. It stays readable and never comes back.
 *
 * @throws forbidden, bad_input, policy_unknown, policy_not_ready
 */
export async function withdrawPolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'write', 'Policy')
  const { number } = parseInput(policyNumberInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  await changePolicy(reader, async (tx) => {
    const version = await loadVersion(tx, workspaceId, number)
    demandStatus(version, ['draft', 'proposed', 'shadow', 'approved'], 'withdrawn')
    await movePolicy(tx, { workspaceId, number, status: 'retired', at: nowOf(board) })
    return { action: 'policy.withdraw', number }
  })
  return number
}
