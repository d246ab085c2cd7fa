import { satisfies } from 'semver'
import { listFitness } from '../../blackboard/query/listFitness.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { endCanary } from '../host/canary.ts'
import { SlateboardError } from '../errors.ts'
import { apiVersion } from '../model/manifest.ts'
import { move, type Change } from './changePlugin.ts'

/**
 * Done at the start, since the product may be another version than at the last one: what was not made for it
 * waits as incompatible instead of failing, and goes on where it fits again. Returns how many were moved.
 */
export async function fitPlugins(board: Board): Promise<number> {
  let moved = 0
  for (const { workspaceId, id: plugin, state, ...said } of await listFitness(board.db.sql, {})) {
    const reason = misfitOf(board.engine, said)
    if (said.isCanary) {
      if (reason !== null)
        moved += await leaveCanary(board, { ...said, workspaceId, plugin, reason })
      continue
    }
    if ((state === 'active') === (reason === null)) continue
    const change = { workspaceId, plugin, actor: 'system', reason } as const
    if (await step(board, { ...change, ...steps[reason === null ? 'fit' : 'misfit'] })) moved += 1
    board.log.warn(
      { plugin, version: said.version, reason },
      reason === null
        ? 'a plugin fits this version again and goes on'
        : 'a plugin was not made for this version; its reactions wait',
    )
  }
  return moved
}

interface Misfit {
  workspaceId: number
  plugin: string
  version: string
  digest: string
  reason: string
}

/** Its share goes to the version in service. 0 where that one stopped, and its canary with it, or somebody was first. */
async function leaveCanary(board: Board, misfit: Misfit): Promise<number> {
  const { workspaceId, plugin, version, digest, reason } = misfit
  try {
    await endCanary(board, { workspaceId, plugin, digest, reason, by: 'system' })
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'plugin_no_canary') return 0
    throw thrown
  }
  board.log.warn({ plugin, version, reason }, 'a canary was not made for this version and ends')
  return 1
}

const steps = {
  fit: { action: 'plugin.compatible', from: ['incompatible'], to: 'active' },
  misfit: { action: 'plugin.incompatible', from: ['active'], to: 'incompatible' },
} as const satisfies Record<string, Pick<Change, 'action' | 'from' | 'to'>>

function misfitOf(
  engine: string,
  { range, apiVersion: spoken }: { range: string; apiVersion: number },
): string | null {
  if (spoken !== apiVersion) return 'api_version'
  return satisfies(engine, range, { includePrerelease: true }) ? null : 'engine_version'
}

/** False where somebody else moved it meanwhile. */
async function step(board: Board, change: Change): Promise<boolean> {
  try {
    await transact(board.db, (tx) => move(tx, board, change))
    return true
  } catch (thrown) {
    if (thrown instanceof SlateboardError && thrown.code === 'plugin_state_refused') return false
    throw thrown
  }
}
