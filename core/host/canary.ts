/** A version beside the one in service, on a share of the profiles: how it begins and how it is taken back. */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { endRollout } from '../../blackboard/query/endRollout.ts'
import { findBaseVersion } from '../../blackboard/query/findBaseVersion.ts'
import { insertPluginApproval } from '../../blackboard/query/insertPluginApproval.ts'
import { insertRollout } from '../../blackboard/query/insertRollout.ts'
import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { reviveReactions } from '../../blackboard/query/reviveReactions.ts'
import { storeBeside } from '../../blackboard/query/storeBeside.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { besideProblem } from '../model/beside.ts'
import { manifestSchema } from '../model/manifest.ts'
import { rolloutLimits, versionFaults } from '../model/pluginRollout.ts'
import { deriveAll } from '../trait/deriveAll.ts'
import { actionOf, audit, refuseOvertaken, refuseUnusable } from './activate.ts'
import type { Grant } from './grant.ts'
import type { PluginPackage } from './package.ts'

/**
 * Puts the package beside the workspace's version in service, which stays what the plugin is: its traits, what wakes
 * it and its config. A canary that ran before it is taken back.
 *
 * @throws plugin_canary_refused, plugin_overtaken, plugin_being_purged, purpose_not_inherited
 */
export async function beginCanary(
  board: Board,
  workspaceId: number,
  pkg: PluginPackage,
  grant: Grant,
  share: number,
): Promise<void> {
  await transact(board.db, (tx) => begin(tx, board, { workspaceId, pkg, grant, share }))
}

interface Beginning {
  workspaceId: number
  pkg: PluginPackage
  grant: Grant
  share: number
}

async function begin(
  tx: TransactionSql,
  board: Board,
  { workspaceId, pkg, grant, share }: Beginning,
): Promise<void> {
  const { manifest, bundle, digest, readme = null, signer = null } = pkg
  const { id: plugin, version } = manifest
  const { requestedBy: by, decidedBy, verdict, trust } = grant
  const { clock } = board
  const at = clock.now().toISOString()
  await lockDerivations(tx, { workspaceId })
  const [row] = await lockPlugin(tx, { workspaceId, id: plugin })
  refuseOvertaken(row, plugin, digest, grant)
  const baseDigest = await demandBeside(tx, workspaceId, pkg)
  const over = { state: null, reason: 'overtaken', spares: null, onlyCanary: false, at } as const
  await endRollout(tx, { workspaceId, plugin, ...over })
  const text = JSON.stringify(manifest)
  const files = { version, digest, manifest: text, bundle, readme, trust, signer }
  const canary = { state: 'canary', share, limits: JSON.stringify(rolloutLimits) } as const
  const payload = { version, digest, verdict, trust, share, beside: baseDigest }
  await Promise.all([
    storeBeside(tx, { workspaceId, id: plugin, ...files, by, at }),
    insertRollout(tx, {
      workspaceId,
      plugin,
      id: clock.id(),
      digest,
      baseDigest,
      ...canary,
      by: decidedBy,
      at,
    }),
    insertPluginApproval(tx, {
      ...grant,
      workspaceId,
      pluginId: plugin,
      digest,
      id: clock.id(),
      baseDigest,
      at,
    }),
    appendAudit(tx, {
      workspaceId,
      entries: audit(board, { pluginId: plugin, by: decidedBy }, actionOf[verdict], payload),
    }),
  ])
  refuseUnusable(manifest, await deriveAll(tx, workspaceId))
}

/** The digest of the version in service, beside which the package can run. @throws plugin_canary_refused */
export async function demandBeside(
  handle: Handle,
  workspaceId: number,
  { manifest, digest }: PluginPackage,
): Promise<string> {
  const { id: plugin, version } = manifest
  const refuse = (reason: string) => fail('plugin_canary_refused', { plugin, version, reason })
  const [[base], [row]] = await Promise.all([
    findBaseVersion(handle, { workspaceId, id: plugin }),
    lockPlugin(handle, { workspaceId, id: plugin }),
  ])
  if (!base || row?.state !== 'active') throw refuse('no version of it runs')
  if (base.digest === digest) throw refuse('it is the version in service')
  const problem = besideProblem(manifestSchema.parse(base.manifest), manifest)
  if (problem !== undefined) throw refuse(problem)
  return base.digest
}

interface Withdrawal {
  workspaceId: number
  plugin: string
  by: string
  reason: string
  /** The canary that is meant; whichever runs where it is left out. */
  digest?: string
}

/**
 * Leaves all profiles to the version in service. What the other one failed is tried again by it.
 *
 * @throws plugin_no_canary
 */
export async function endCanary(
  board: Board,
  { workspaceId, plugin, by, reason, digest }: Withdrawal,
): Promise<void> {
  const at = board.clock.now().toISOString()
  await transact(board.db, async (tx) => {
    await lockDerivations(tx, { workspaceId })
    await lockPlugin(tx, { workspaceId, id: plugin })
    const back = { state: 'rolled_back', reason, spares: null, onlyCanary: true, at } as const
    const [ended] = await endRollout(tx, { workspaceId, plugin, ...back })
    if (!ended || (digest !== undefined && ended.digest !== digest)) {
      throw fail('plugin_no_canary', { plugin })
    }
    await reviveReactions(tx, { workspaceId, plugin, errors: versionFaults })
    const payload = { digest: ended.digest, reason }
    const entries = audit(board, { pluginId: plugin, by }, 'plugin.rollback', payload)
    await appendAudit(tx, { workspaceId, entries })
    await deriveAll(tx, workspaceId)
  })
}
