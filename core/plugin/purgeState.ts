import { appendConfigVersion } from '../../blackboard/query/appendConfigVersion.ts'
import { purgePluginState } from '../../blackboard/query/purgePluginState.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'

export interface PurgedState {
  profiles: number
  keys: number
  secrets: number
}

/** Profiles of one transaction. */
export const purgeLimit = 1000

/**
 * Deletes what a plugin remembered and its secrets, batch by batch, and sets its config back, so that a plugin of
 * the same name begins with nothing. What was set before stays in the history. May be called again after it
 * broke off. The caller sees to it that nothing of the plugin runs.
 */
export async function purgeState(
  { db, clock }: Board,
  workspaceId: number,
  { plugin, by }: { plugin: string; by: string },
  limit = purgeLimit,
): Promise<PurgedState> {
  const sum: PurgedState = { profiles: 0, keys: 0, secrets: 0 }
  for (;;) {
    const [gone] = await transact(db, (tx) => purgePluginState(tx, { workspaceId, plugin, limit }))
    sum.profiles += gone?.profiles ?? 0
    sum.keys += gone?.keys ?? 0
    sum.secrets += gone?.secrets ?? 0
    if ((gone?.profiles ?? 0) < limit) break
  }
  await transact(db, (tx) =>
    appendConfigVersion(tx, {
      workspaceId,
      plugin,
      config: '{}',
      secrets: [],
      returnsTo: null,
      author: by,
      reason: 'purged',
      at: clock.now().toISOString(),
    }),
  )
  return sum
}
