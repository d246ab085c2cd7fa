import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { moveShare } from '../../blackboard/query/moveShare.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { Registry } from '../host/registry.ts'
import { setShareInput } from '../model/pluginRollout.ts'
import { authorOf } from '../policy/version.ts'
import { demand, type Reader } from '../read/reader.ts'

/**
 * Says on which share of the profiles the version beside the one in service runs. A larger one keeps those that it
 * already has.
 *
 * @throws forbidden, bad_input, plugin_no_canary
 */
export async function setPluginShare(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<string> {
  demand(reader, 'administer', 'Plugin')
  const { plugin, share } = parseInput(setShareInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  await transact(board.db, async (tx) => {
    await lockPlugin(tx, { workspaceId, id: plugin })
    const [moved] = await moveShare(tx, { workspaceId, plugin, share })
    if (!moved) throw fail('plugin_no_canary', { plugin })
    await audit(tx, board, {
      workspaceId,
      actor: authorOf(reader),
      action: 'plugin.share',
      object: `plugin:${plugin}`,
      payload: { digest: moved.digest, from: moved.before, to: share },
    })
  })
  await registry.refresh()
  board.signals.send('plugin')
  board.signals.send('audit')
  return plugin
}
