import { ensurePolicy } from '../blackboard/query/ensurePolicy.ts'
import { ensurePurposes } from '../blackboard/query/ensurePurposes.ts'
import { ensureWorkspace } from '../blackboard/query/ensureWorkspace.ts'
import { findPolicyForce } from '../blackboard/query/findPolicyForce.ts'
import { lockDerivations } from '../blackboard/query/lockDerivations.ts'
import { transact } from '../blackboard/transact.ts'
import { shippedPurposes } from '../policies/shippedPurposes.ts'
import type { Board } from './board.ts'
import { fail } from './errors.ts'
import { deriveAll } from './trait/deriveAll.ts'

/** Makes sure that the workspace exists, with the purposes and the policy that a workspace starts with. */
export async function seedWorkspace({ db, clock }: Board, name: string): Promise<number> {
  const [workspace] = await ensureWorkspace(db.sql, { name })
  if (!workspace) throw fail('internal')
  const workspaceId = workspace.id
  await ensurePurposes(db.sql, { workspaceId, purposes: JSON.stringify(shippedPurposes) })
  const at = clock.now().toISOString()
  const [force] = await findPolicyForce(db.sql, { workspaceId, at })
  if (force) {
    await inherit(db, workspaceId)
    return workspaceId
  }
  // Its rules and tests are two dozen files that no later start needs.
  const { shippedPolicy } = await import('../policies/shipped.ts')
  const { document, hash } = shippedPolicy()
  await ensurePolicy(db.sql, {
    workspaceId,
    title: document.title,
    document: JSON.stringify(document),
    hash,
    reason: 'shipped with Slateboard',
    at,
  })
  return workspaceId
}

/** What was installed before traits inherited from their sources does so from the next start on. */
const inherit = (db: Board['db'], workspaceId: number): Promise<unknown> =>
  transact(db, async (tx) => {
    await lockDerivations(tx, { workspaceId })
    await deriveAll(tx, workspaceId)
  })
