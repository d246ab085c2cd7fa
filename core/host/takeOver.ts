import type { TransactionSql } from 'postgres'
import { endRollout } from '../../blackboard/query/endRollout.ts'
import { insertRollout } from '../../blackboard/query/insertRollout.ts'
import type { LockedPlugin } from '../../blackboard/query/lockPlugin.ts'
import { reviveReactions } from '../../blackboard/query/reviveReactions.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { isInService } from '../model/pluginLife.ts'
import { rolloutLimits, versionFaults } from '../model/pluginRollout.ts'
import type { Grant } from './grant.ts'

interface TakeOver {
  workspaceId: number
  plugin: string
  digest: string
  /** The plugin as it stood before. */
  standing: LockedPlugin | undefined
  grant: Grant
}

/**
 * Ends the rollout that was under way, and begins to watch the version where there is a good one to go back to. After
 * a step back there is none; what failed before it is tried again. The caller holds the plugin's row.
 *
 * @throws plugin_no_canary for a version that is promoted and does not run on a share of the profiles
 */
export async function takeOver(
  tx: TransactionSql,
  { clock }: Board,
  { workspaceId, plugin, digest, standing, grant }: TakeOver,
): Promise<void> {
  const { verdict, decidedBy: by } = grant
  const at = clock.now().toISOString()
  const kept = { spares: digest, onlyCanary: false, at } as const
  const [ended] = await endRollout(tx, { workspaceId, plugin, ...endOf(grant), ...kept })
  if (verdict === 'promoted' && !(ended?.wasCanary && ended.digest === digest)) {
    throw fail('plugin_no_canary', { plugin })
  }
  if (verdict === 'rolled_back') {
    await reviveReactions(tx, { workspaceId, plugin, errors: versionFaults })
    return
  }
  const baseDigest = inServiceOf(standing)
  const isGood = standing?.state === 'active' || standing?.state === 'paused'
  if (!isGood || baseDigest === null || baseDigest === digest) return
  const limits = JSON.stringify(rolloutLimits)
  const watching = { state: 'watching', share: 100, limits, by, at } as const
  await insertRollout(tx, { workspaceId, plugin, id: clock.id(), digest, baseDigest, ...watching })
}

/** What becomes of the rollout before; with no state said, a canary is taken back and a version that ran has stood. */
function endOf({ verdict, comment }: Grant) {
  if (verdict === 'rolled_back')
    return { state: 'rolled_back', reason: comment ?? verdict } as const
  if (verdict === 'promoted') return { state: 'completed', reason: verdict } as const
  return { state: null, reason: 'overtaken' } as const
}

export const inServiceOf = (plugin: LockedPlugin | undefined): string | null =>
  plugin && isInService(plugin.state) ? plugin.digest : null
