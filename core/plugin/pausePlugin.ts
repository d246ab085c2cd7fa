import { parseInput } from '../admin/parseInput.ts'
import type { Registry } from '../host/registry.ts'
import { pluginInput } from '../model/pluginLife.ts'
import { authorOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePlugin } from './changePlugin.ts'

/**
 * Stops a plugin's agents until `resumePlugin`; what wakes them meanwhile waits, and nothing is lost.
 *
 * @throws forbidden, bad_input, plugin_not_found, plugin_state_refused
 */
export async function pausePlugin(
  reader: Reader,
  registry: Registry,
  input: unknown,
): Promise<string> {
  demand(reader, 'administer', 'Plugin')
  const { plugin } = parseInput(pluginInput, input)
  await changePlugin(reader.board, registry, {
    workspaceId: reader.principal.workspaceId,
    plugin,
    actor: authorOf(reader),
    action: 'plugin.pause',
    from: ['active', 'quarantined', 'incompatible'],
    to: 'paused',
    reason: null,
  })
  return plugin
}
