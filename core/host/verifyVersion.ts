import type { loadPlugin } from '../../blackboard/query/loadPlugin.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { manifestSchema } from '../model/manifest.ts'
import { digestOf, type PluginPackage } from './package.ts'

export interface VersionKey {
  workspaceId: number
  id: string
  digest: string
}

export type StoredPackage = Awaited<ReturnType<typeof loadPlugin>>[number]

/**
 * Hashes a stored version again: what somebody put into the database by another way is not loaded, and that it was
 * found goes into the audit log.
 *
 * @param stored what was read under the key; undefined where nothing was
 * @throws plugin_not_found, plugin_digest_mismatch
 */
export async function verifyVersion(
  board: Board,
  key: VersionKey,
  stored: StoredPackage | undefined,
): Promise<PluginPackage> {
  const { id, digest } = key
  if (!stored) throw fail('plugin_not_found', { plugin: id })
  const { version, bundle, readme, signer } = stored
  // As it is stored: what this version of the product would add to it was not there when it was hashed.
  if (stored.isContentAddressed && digestOf(stored.manifest, bundle) !== digest) {
    await tell(board, key, version)
    throw fail('plugin_digest_mismatch', { plugin: id, version, digest })
  }
  const manifest = manifestSchema.parse(stored.manifest)
  // What runs inside the host is its bytes and nothing less; that they are not hashed would be for anybody to say.
  const isUnproven = manifest.tier === 'trusted' && !stored.isContentAddressed
  if (manifest.id !== id || isUnproven)
    throw fail('plugin_digest_mismatch', { plugin: id, version, digest })
  return {
    manifest,
    bundle,
    digest,
    ...(readme === null ? {} : { readme }),
    ...(signer === null ? {} : { signer }),
  }
}

const told = new WeakMap<Board, Set<string>>()

/** Once a node and version: it is looked at again and again. */
async function tell(
  board: Board,
  { workspaceId, id, digest }: VersionKey,
  version: string,
): Promise<void> {
  const known = told.get(board) ?? new Set()
  told.set(board, known)
  const place = `${workspaceId} ${id} ${digest}`
  if (known.has(place)) return
  known.add(place)
  board.log.error({ plugin: id, version, digest }, 'a stored plugin has other bytes than installed')
  await audit(board.db.sql, board, {
    workspaceId,
    actor: 'system',
    action: 'plugin.mismatch',
    object: `plugin:${id}`,
    payload: { version, digest },
  })
  board.signals.send('audit')
}
