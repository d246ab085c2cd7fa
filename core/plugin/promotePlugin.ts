import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { Registry } from '../host/registry.ts'
import { pluginInput } from '../model/pluginLife.ts'
import { authorOf } from '../policy/version.ts'
import { demand, type Reader } from '../read/reader.ts'
import { grantOf } from './grantOf.ts'
import { storedVersion } from './storedVersion.ts'

/**
 * Puts the version that is tried on a share of the profiles in service for all of them. What it asks for was agreed to
 * when it began.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_no_canary, plugin_overtaken, and what keeps a version from
 * being installed
 */
export async function promotePlugin(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<string> {
  demand(reader, 'administer', 'Plugin')
  const { plugin } = parseInput(pluginInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const by = authorOf(reader)
  const [row] = await lockPlugin(board.db.sql, { workspaceId, id: plugin })
  if (!row) throw fail('plugin_not_found', { plugin })
  if (row.canaryDigest === null) throw fail('plugin_no_canary', { plugin })
  const key = { workspaceId, id: plugin, digest: row.canaryDigest }
  const found = await storedVersion(board, key)
  const word = { verdict: 'promoted', requestedBy: by, decidedBy: by, comment: null } as const
  await registry.install(workspaceId, found.pkg, grantOf(found, word))
  board.signals.send('audit')
  return plugin
}
