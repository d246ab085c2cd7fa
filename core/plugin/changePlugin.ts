import type { TransactionSql } from 'postgres'
import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { lockPlugin, type LockedPlugin } from '../../blackboard/query/lockPlugin.ts'
import { movePlugin } from '../../blackboard/query/movePlugin.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { leaveRollout } from '../host/leaveRollout.ts'
import type { Registry } from '../host/registry.ts'
import { pluginMayBecome, type PluginState } from '../model/pluginLife.ts'

export interface Change {
  workspaceId: number
  plugin: string
  /** Who does it: `principal:<id>` or `system`. */
  actor: string
  /** Such as `plugin.pause`. */
  action: string
  /** The states that it is done from. */
  from: readonly PluginState[]
  to: PluginState
  /** A code that is shown while it lasts. */
  reason: string | null
}

/**
 * Moves a plugin to another state, with an entry in the audit, and has this node follow at once. Reactions that
 * are under way are finished; what wakes its agents meanwhile waits.
 *
 * @throws plugin_not_found, plugin_state_refused
 */
export async function changePlugin(
  board: Board,
  registry: Pick<Registry, 'refresh'>,
  change: Change,
): Promise<void> {
  await transact(board.db, (tx) => move(tx, board, change))
  await registry.refresh()
  board.signals.send('plugin')
  board.signals.send('audit')
}

/** The part of `changePlugin` that is in the transaction. */
export async function move(tx: TransactionSql, board: Board, change: Change): Promise<void> {
  const { workspaceId, plugin: id, actor, action, to: state, reason } = change
  await lockDerivations(tx, { workspaceId })
  const [row] = await lockPlugin(tx, { workspaceId, id })
  demandStep(row, change)
  const at = board.clock.now().toISOString()
  await movePlugin(tx, { workspaceId, id, state, reason, keepsCandidate: true, at })
  await leaveRollout(tx, { workspaceId, plugin: id, to: state, at })
  const payload = { from: row.state, reason }
  await audit(tx, board, { workspaceId, actor, action, object: `plugin:${id}`, payload })
}

function demandStep(
  row: LockedPlugin | undefined,
  { plugin, from, to }: Change,
): asserts row is LockedPlugin {
  if (!row || row.state === 'purged') throw fail('plugin_not_found', { plugin })
  const { state } = row
  if (from.includes(state) && pluginMayBecome(state, to)) return
  throw fail('plugin_state_refused', { plugin, state, wanted: to, remedy: remedies[state] })
}

const remedies: Readonly<Record<Exclude<PluginState, 'purged'>, string>> = {
  awaiting_approval: 'Have it approved or refused first.',
  active: 'It runs; pause or remove it.',
  paused: 'Resume or remove it.',
  quarantined: 'Release it from quarantine, or install a version that does not fail.',
  incompatible: 'Install a version made for this Slateboard.',
  removed: 'Install it again.',
}
