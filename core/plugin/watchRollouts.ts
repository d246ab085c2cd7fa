/**
 * Judges the versions that are tried or watched by what all nodes counted of them. It goes by the database alone, so
 * any node may do it, and one that is killed between a judgement and what follows from it leaves that to the next.
 */
import { completeRollout } from '../../blackboard/query/completeRollout.ts'
import { findNewerState } from '../../blackboard/query/findNewerState.ts'
import { listOpenRollouts, type OpenRollout } from '../../blackboard/query/listOpenRollouts.ts'
import type { Board } from '../board.ts'
import { fail, SlateboardError } from '../errors.ts'
import { endCanary } from '../host/canary.ts'
import type { Registry } from '../host/registry.ts'
import { failureText, judgeRollout } from '../model/pluginRollout.ts'
import { trouble } from '../trouble.ts'
import { quarantinePlugin } from './quarantinePlugin.ts'
import { returnTo } from './returnTo.ts'
import { storedVersion } from './storedVersion.ts'

export async function watchRollouts(board: Board, registry: Registry): Promise<void> {
  const { db, clock } = board
  for (const rollout of await listOpenRollouts(db.sql, {})) {
    const { workspaceId, plugin, id, state, limits, workedAt } = rollout
    const ms = workedAt && clock.now().getTime() - workedAt.getTime()
    const verdict = judgeRollout(state, rollout, limits, ms)
    if (verdict === 'completed') {
      await completeRollout(db.sql, { workspaceId, plugin, id, at: clock.now().toISOString() })
    }
    if (verdict === 'failed') {
      await retreat(board, registry, rollout, failureText(rollout, limits))
    }
  }
}

interface Failed {
  workspaceId: number
  plugin: string
  digest: string
  /** A sentence; the figures are added. */
  reason: string
}

/** Takes a version back that failed, if it is tried or watched; false where it is neither. */
export async function takeBack(
  board: Board,
  registry: Registry,
  { workspaceId, plugin, digest, reason }: Failed,
): Promise<boolean> {
  const rollouts = await listOpenRollouts(board.db.sql, {})
  const rollout = rollouts.find(
    (each) => each.workspaceId === workspaceId && each.plugin === plugin && each.digest === digest,
  )
  if (!rollout) return false
  const { failures, items } = rollout
  await retreat(board, registry, rollout, `${reason} It failed ${failures} of ${items} items.`)
  return true
}

/** Where the version before may not run any more, the plugin is quarantined instead. */
async function retreat(
  board: Board,
  registry: Registry,
  rollout: OpenRollout,
  reason: string,
): Promise<void> {
  const { workspaceId, plugin, version, state } = rollout
  try {
    if (state === 'canary') await withdraw(board, registry, rollout, reason)
    else await goBack(board, registry, rollout, reason)
  } catch (thrown) {
    if (!(thrown instanceof SlateboardError)) throw thrown
    // Another node was first, or somebody decided otherwise meanwhile.
    if (thrown.code === 'plugin_overtaken' || thrown.code === 'plugin_no_canary') return
    if (thrown.status >= 500) throw thrown
    board.log.error(
      { plugin, version, reason, ...trouble(thrown) },
      'a version failed and the one before may not run any more; the plugin is quarantined',
    )
    const quarantine = { workspaceId, plugin, reason: `rollback_${thrown.code}` }
    await quarantinePlugin(board, registry, quarantine)
    return
  }
  board.log.error({ plugin, version, reason }, 'a version failed and was taken back')
  board.signals.send('audit')
  board.signals.send('agenda')
}

async function withdraw(
  board: Board,
  registry: Registry,
  { workspaceId, plugin, digest }: OpenRollout,
  reason: string,
): Promise<void> {
  await endCanary(board, { workspaceId, plugin, by: 'system', reason, digest })
  await registry.refresh()
  board.signals.send('plugin')
}

/**
 * Not to a version that would not understand what this one already keeps: its reactions would wait for ever, and
 * nobody would see that anything was wrong.
 */
async function goBack(
  board: Board,
  registry: Registry,
  { workspaceId, plugin, baseDigest: digest }: OpenRollout,
  reason: string,
): Promise<void> {
  const found = await storedVersion(board, { workspaceId, id: plugin, digest })
  const { state } = found.pkg.manifest
  const version = state?.version ?? 0
  const asked = state ? { workspaceId, plugin, version } : undefined
  const [kept] = asked ? await findNewerState(board.db.sql, asked) : []
  if (kept?.isNewer)
    throw fail('plugin_state_newer', { plugin, stored: version + 1, known: version })
  await returnTo(registry, { workspaceId, found, by: 'system', comment: reason })
}
