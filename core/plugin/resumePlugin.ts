import { findBaseVersion } from '../../blackboard/query/findBaseVersion.ts'
import { parseInput } from '../admin/parseInput.ts'
import { checkManifest } from '../host/manifest.ts'
import type { Registry } from '../host/registry.ts'
import { pluginInput, type PluginState } from '../model/pluginLife.ts'
import { authorOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePlugin } from './changePlugin.ts'

/**
 * Has a paused plugin go on with what waited.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_state_refused, plugin_incompatible
 */
export const resumePlugin = (reader: Reader, registry: Registry, input: unknown): Promise<string> =>
  goOn(reader, registry, input, { from: 'paused', action: 'plugin.resume' })

/**
 * Lets a plugin out of quarantine.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_state_refused, plugin_incompatible
 */
export const releasePlugin = (
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<string> =>
  goOn(reader, registry, input, { from: 'quarantined', action: 'plugin.release' })

async function goOn(
  reader: Reader,
  registry: Registry,
  input: unknown,
  { from, action }: { from: PluginState; action: string },
): Promise<string> {
  demand(reader, 'administer', 'Plugin')
  const { plugin } = parseInput(pluginInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  // The product may be another one since it stopped.
  const [base] = await findBaseVersion(board.db.sql, { workspaceId, id: plugin })
  if (base) checkManifest(base.manifest, board.engine)
  await changePlugin(board, registry, {
    workspaceId,
    plugin,
    actor: authorOf(reader),
    action,
    from: [from],
    to: 'active',
    reason: null,
  })
  return plugin
}
