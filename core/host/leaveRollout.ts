import type { TransactionSql } from 'postgres'
import { endRollout } from '../../blackboard/query/endRollout.ts'
import type { PluginState } from '../model/pluginLife.ts'
import { deriveAll } from '../trait/deriveAll.ts'

interface Leaving {
  workspaceId: number
  plugin: string
  to: PluginState
  at: string
}

/**
 * Ends the rollout of a plugin that stops: a canary always, so that one version goes on when it does; the watch over
 * a version in service only where that is given up. The caller holds `lockDerivations` and the plugin's row.
 */
export async function leaveRollout(
  tx: TransactionSql,
  { workspaceId, plugin, to: reason, at }: Leaving,
): Promise<void> {
  if (reason === 'active') return
  const onlyCanary = reason === 'paused' || reason === 'incompatible'
  const end = { state: null, reason, spares: null, onlyCanary, at } as const
  const [ended] = await endRollout(tx, { workspaceId, plugin, ...end })
  // What only the canary read binds its conclusions no more.
  if (ended?.wasCanary) await deriveAll(tx, workspaceId)
}
