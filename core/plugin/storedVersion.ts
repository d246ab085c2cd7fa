import { loadPlugin } from '../../blackboard/query/loadPlugin.ts'
import type { Board } from '../board.ts'
import { verifyVersion, type VersionKey } from '../host/verifyVersion.ts'
import { assess, type Assessed } from './assess.ts'

/**
 * A version that was stored before, hashed again and held against what is in service and asked for today.
 *
 * @throws plugin_not_found, plugin_digest_mismatch
 */
export async function storedVersion(board: Board, key: VersionKey): Promise<Assessed> {
  const { sql } = board.db
  const [stored] = await loadPlugin(sql, key)
  const pkg = await verifyVersion(board, key, stored)
  return { ...(await assess(sql, key.workspaceId, pkg, stored?.trust ?? 'unsigned')), pkg }
}
