import { insertPurge } from '../../blackboard/query/insertPurge.ts'
import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { Registry } from '../host/registry.ts'
import { pluginInput, pluginMayBecome } from '../model/pluginLife.ts'
import { authorOf, nowOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { holdingsOf, type Holdings } from './removePlugin.ts'

/**
 * Deletes all that a plugin has in the workspace, for good: it is taken out of service if it still is, and
 * `continuePurge` goes through the profiles. Answers with what was there.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_being_purged
 */
export async function purgePlugin(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<{ plugin: string; deletes: Holdings }> {
  demand(reader, 'administer', 'Plugin')
  const { plugin } = parseInput(pluginInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const by = authorOf(reader)
  const deletes = await holdingsOf(reader, plugin)
  const [seen] = await lockPlugin(board.db.sql, { workspaceId, id: plugin })
  if (!seen) throw fail('plugin_not_found', { plugin })
  if (pluginMayBecome(seen.state, 'removed')) await registry.remove(workspaceId, plugin, by)
  await transact(board.db, async (tx) => {
    const [row] = await lockPlugin(tx, { workspaceId, id: plugin })
    // Purged before, or installed again by somebody meanwhile.
    if (row?.state !== 'removed') throw fail('plugin_not_found', { plugin })
    if (row.isPurging) throw fail('plugin_being_purged', { plugin })
    const at = nowOf(board)
    await insertPurge(tx, { workspaceId, pluginId: plugin, id: board.clock.id(), by, at })
    const payload = { ...deletes, traits: deletes.traits.length }
    const object = `plugin:${plugin}`
    await audit(tx, board, { workspaceId, actor: by, action: 'plugin.purge', object, payload })
  })
  board.signals.send('plugin')
  board.signals.send('audit')
  return { plugin, deletes }
}
