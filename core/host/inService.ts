import { listInstalled } from '../../blackboard/query/listInstalled.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { manifestSchema } from '../model/manifest.ts'

/**
 * Installed plugins. Their manifests are as this version of the product reads them: one that was stored by an earlier
 * version lacks what has come since.
 */
export async function listInService(handle: Handle, workspaceId: number) {
  const rows = await listInstalled(handle, { workspaceId })
  return rows.map((row) => ({ ...row, manifest: manifestSchema.parse(row.manifest) }))
}
