import { storeQuarantine } from '../../blackboard/query/storeQuarantine.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import type { Registry } from '../host/registry.ts'
import type { Quarantine } from '../model/pluginHealth.ts'
import { move } from './changePlugin.ts'

interface Cause {
  workspaceId: number
  plugin: string
  /** A code. */
  reason: string
  /** What shows it; kept with the plugin's health. */
  evidence?: Quarantine
}

/**
 * Stops a plugin that failed, until somebody releases it or installs another version. What wakes its agents
 * meanwhile waits.
 *
 * @throws plugin_not_found, plugin_state_refused
 */
export async function quarantinePlugin(
  board: Board,
  registry: Pick<Registry, 'refresh'>,
  { workspaceId, plugin, reason, evidence }: Cause,
): Promise<void> {
  await transact(board.db, async (tx) => {
    await move(tx, board, {
      workspaceId,
      plugin,
      actor: 'system',
      action: 'plugin.quarantine',
      from: ['active', 'paused'],
      to: 'quarantined',
      reason,
    })
    if (evidence) await storeQuarantine(tx, { workspaceId, plugin, quarantine: evidence })
  })
  await registry.refresh()
  board.signals.send('plugin')
  board.signals.send('audit')
}
