import { ensurePolicy } from '../blackboard/query/ensurePolicy.ts'
import { ensurePurposes } from '../blackboard/query/ensurePurposes.ts'
import { ensureWorkspace } from '../blackboard/query/ensureWorkspace.ts'
import { shippedPolicy, shippedPurposes } from '../policies/shipped.ts'
import type { Board } from './board.ts'
import { fail } from './errors.ts'

/** Makes sure that the workspace exists, with the purposes and the policy that a workspace starts with. */
export async function seedWorkspace({ db, clock }: Board, name: string): Promise<number> {
  const [workspace] = await ensureWorkspace(db.sql, { name })
  if (!workspace) throw fail('internal')
  const { document, hash } = shippedPolicy()
  await ensurePurposes(db.sql, {
    workspaceId: workspace.id,
    purposes: JSON.stringify(shippedPurposes),
  })
  await ensurePolicy(db.sql, {
    workspaceId: workspace.id,
    title: document.title,
    document: JSON.stringify(document),
    hash,
    reason: 'shipped with Slateboard',
    at: clock.now().toISOString(),
  })
  return workspace.id
}
