import { lockPlugin, type LockedPlugin } from '../../blackboard/query/lockPlugin.ts'
import { loadPlugin } from '../../blackboard/query/loadPlugin.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { fail } from '../errors.ts'
import { verifyVersion } from '../host/verifyVersion.ts'
import type { Reader } from '../read/reader.ts'
import { assess } from './assess.ts'
import type { Inspection } from './inspectPlugin.ts'

/** A version that waits, and who asked for it. */
export interface Candidate extends Inspection {
  requestedBy: string
}

/**
 * The version of a plugin that waits for approval, held against what is in service and asked for today.
 *
 * @throws plugin_not_found, plugin_nothing_waits; plugin_overtaken when another than `digest` waits
 */
export async function loadCandidate(
  { board, principal }: Reader,
  plugin: string,
  digest: string | null | undefined,
): Promise<Candidate> {
  const { workspaceId } = principal
  const { sql } = board.db
  const [row] = await lockPlugin(sql, { workspaceId, id: plugin })
  const waiting = demandCandidate(row, plugin, digest)
  const key = { workspaceId, id: plugin, digest: waiting.digest }
  const [stored] = await loadPlugin(sql, key)
  if (!stored) throw fail('plugin_not_found', { plugin })
  const pkg = await verifyVersion(board, key, stored)
  const assessment = await assess(sql, workspaceId, pkg, stored.trust)
  return { ...assessment, pkg, requestedBy: waiting.requestedBy }
}

/** Whether the version still waits when the decision is written. @throws as `loadCandidate` does */
export async function lockCandidate(
  tx: Handle,
  workspaceId: number,
  plugin: string,
  digest: string,
): Promise<LockedPlugin> {
  const [row] = await lockPlugin(tx, { workspaceId, id: plugin })
  if (!row) throw fail('plugin_not_found', { plugin })
  demandCandidate(row, plugin, digest)
  return row
}

function demandCandidate(
  row: LockedPlugin | undefined,
  plugin: string,
  digest: string | null | undefined,
): { digest: string; requestedBy: string } {
  if (!row) throw fail('plugin_not_found', { plugin })
  const { candidateDigest, candidateBy } = row
  if (candidateDigest === null || candidateBy === null) {
    throw fail('plugin_nothing_waits', { plugin })
  }
  if (digest != null && digest !== candidateDigest) throw fail('plugin_overtaken', { plugin })
  return { digest: candidateDigest, requestedBy: candidateBy }
}
