import type { Board } from '../board.ts'
import type { Registry } from '../host/registry.ts'
import { changePlugin } from './changePlugin.ts'

/**
 * Stops a plugin that failed, until somebody releases it or installs another version. What wakes its agents
 * meanwhile waits. The reason is a code.
 *
 * @throws plugin_not_found, plugin_state_refused
 */
export const quarantinePlugin = (
  board: Board,
  registry: Registry,
  { workspaceId, plugin, reason }: { workspaceId: number; plugin: string; reason: string },
): Promise<void> =>
  changePlugin(board, registry, {
    workspaceId,
    plugin,
    actor: 'system',
    action: 'plugin.quarantine',
    from: ['active', 'paused'],
    to: 'quarantined',
    reason,
  })
