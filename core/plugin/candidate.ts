import { lockPlugin, type LockedPlugin } from '../../blackboard/query/lockPlugin.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { fail } from '../errors.ts'
import type { Reader } from '../read/reader.ts'
import type { Assessed } from './assess.ts'
import { storedVersion } from './storedVersion.ts'

/** A version that waits, and who asked for it. */
export interface Candidate extends Assessed {
  requestedBy: string
  /** The percent of profiles that it is to be tried on; null for all. */
  share: number | null
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
  const [row] = await lockPlugin(board.db.sql, { workspaceId, id: plugin })
  const waiting = demandCandidate(row, plugin, digest)
  const found = await storedVersion(board, { workspaceId, id: plugin, digest: waiting.digest })
  return { ...found, requestedBy: waiting.requestedBy, share: row?.candidateShare ?? null }
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
