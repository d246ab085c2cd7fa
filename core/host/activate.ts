/** What a plugin's coming and going writes to the blackboard, each in one transaction. */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { insertPluginApproval } from '../../blackboard/query/insertPluginApproval.ts'
import { lockPlugin, type LockedPlugin } from '../../blackboard/query/lockPlugin.ts'
import { movePlugin } from '../../blackboard/query/movePlugin.ts'
import { requestStateMigration } from '../../blackboard/query/requestStateMigration.ts'
import { replaceSchedules } from '../../blackboard/query/replaceSchedules.ts'
import { replaceSubscriptions } from '../../blackboard/query/replaceSubscriptions.ts'
import { silencePlugin } from '../../blackboard/query/silencePlugin.ts'
import { storePlugin } from '../../blackboard/query/storePlugin.ts'
import { wakeWaiting } from '../../blackboard/query/wakeWaiting.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Manifest } from '../model/manifest.ts'
import { allows, type Derived, type Purposes } from '../model/derive.ts'
import { acceptConfig } from '../plugin/acceptConfig.ts'
import { deriveAll, sourcesOf } from '../trait/deriveAll.ts'
import { refuseAsked } from '../trait/refuseAsked.ts'
import { pluginMayBecome, stateOnInstall } from '../model/pluginLife.ts'
import { contributeTraits } from './contributeTraits.ts'
import type { Grant } from './grant.ts'
import { leaveRollout } from './leaveRollout.ts'
import type { PluginPackage } from './package.ts'
import { schedulesOf, subscriptionsOf } from './subscriptions.ts'
import { inServiceOf, takeOver } from './takeOver.ts'

/** One plugin of one workspace, and who acts on it. */
interface Act {
  workspaceId: number
  pluginId: string
  by: string
}

/**
 * Makes the package the workspace's version in service of its plugin, with its traits and subscriptions. A plugin
 * that somebody paused stays paused.
 * Fails with `trait_owned` when a trait of it belongs to somebody else, and with `trait_in_policy` when the
 * policy in force asks for one that it would seal, with `plugin_config_refused` when it cannot run with what is
 * set; then nothing is written. So it does with `plugin_overtaken` when another version than the grant was given
 * against is in service or waits by now.
 */
export async function activate(
  board: Board,
  workspaceId: number,
  pkg: PluginPackage,
  grant: Grant,
): Promise<void> {
  const traits = pkg.manifest.traits.map(({ key, class: dataClass }) => ({ key, dataClass }))
  await refuseAsked(board, workspaceId, traits)
  await transact(board.db, (tx) => store(tx, board, workspaceId, pkg, grant))
}

/**
 * Takes the plugin out of service. Its traits, its versions and what waits for its agents stay; nothing new is
 * put there. Fails with `plugin_not_found`.
 */
export async function retire(board: Board, act: Act): Promise<void> {
  const at = board.clock.now().toISOString()
  const { workspaceId, pluginId: id } = act
  await transact(board.db, async (tx) => {
    await lockDerivations(tx, { workspaceId })
    const [plugin] = await lockPlugin(tx, { workspaceId, id })
    if (!plugin || !pluginMayBecome(plugin.state, 'removed')) {
      throw fail('plugin_not_found', { plugin: id })
    }
    const to = { state: 'removed', reason: null, keepsCandidate: false } as const
    await movePlugin(tx, { workspaceId, id, ...to, at })
    await leaveRollout(tx, { workspaceId, plugin: id, to: 'removed', by: act.by, at })
    const [silenced] = await silencePlugin(tx, { workspaceId, id })
    const payload = { waiting: silenced?.reactions ?? 0 }
    await appendAudit(tx, { workspaceId, entries: audit(board, act, 'plugin.remove', payload) })
  })
}

async function store(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  pkg: PluginPackage,
  grant: Grant,
): Promise<void> {
  const { manifest, bundle, digest, readme = null, signer = null } = pkg
  const { id, version } = manifest
  const at = board.clock.now().toISOString()
  await lockDerivations(tx, { workspaceId })
  const [plugin] = await lockPlugin(tx, { workspaceId, id })
  refuseOvertaken(plugin, id, digest, grant)
  await acceptConfig(tx, workspaceId, manifest)
  await contributeTraits(tx, workspaceId, manifest, at)
  await takeOver(tx, board, { workspaceId, plugin: id, digest, standing: plugin, grant })
  const { requestedBy, decidedBy, verdict, trust } = grant
  await Promise.all([
    storePlugin(tx, {
      workspaceId,
      id,
      version,
      digest,
      manifest: JSON.stringify(manifest),
      bundle,
      readme,
      trust,
      signer,
      by: requestedBy,
      at,
      state: stateOnInstall(plugin?.state),
    }),
    replaceSubscriptions(tx, {
      workspaceId,
      plugin: id,
      subscriptions: JSON.stringify(subscriptionsOf(manifest)),
    }),
    replaceSchedules(tx, {
      workspaceId,
      plugin: id,
      schedules: JSON.stringify(schedulesOf(manifest, board.clock.now())),
    }),
    insertPluginApproval(tx, {
      ...grant,
      workspaceId,
      pluginId: id,
      digest,
      id: board.clock.id(),
      baseDigest: inServiceOf(plugin),
      at,
    }),
    appendAudit(tx, {
      workspaceId,
      entries: audit(board, { pluginId: id, by: decidedBy }, actionOf[verdict], {
        version,
        digest,
        verdict,
        trust,
        replaced: inServiceOf(plugin),
        reason: grant.comment,
      }),
    }),
    adoptState(tx, workspaceId, manifest, at),
  ])
  refuseUnusable(manifest, await deriveAll(tx, workspaceId))
}

export const actionOf = {
  automatic: 'plugin.install',
  trusted: 'plugin.install',
  approved: 'plugin.approve',
  promoted: 'plugin.promote',
  rolled_back: 'plugin.rollback',
} as const satisfies Record<Grant['verdict'], string>

/** What older versions remembered is to be migrated; what waited for a version that knows it may go on. */
async function adoptState(
  tx: TransactionSql,
  workspaceId: number,
  { id: plugin, state }: Manifest,
  at: string,
): Promise<void> {
  if (!state) return
  await Promise.all([
    requestStateMigration(tx, { workspaceId, plugin, version: state.version, at }),
    wakeWaiting(tx, { workspaceId, plugin, error: 'plugin_state_newer' }),
  ])
}

/** What was looked at before the transaction has to be what stands now. */
export function refuseOvertaken(
  plugin: LockedPlugin | undefined,
  id: string,
  digest: string,
  { base, verdict }: Grant,
): void {
  if (plugin?.isPurging) throw fail('plugin_being_purged', { plugin: id })
  const isOther = base !== undefined && base.digest !== inServiceOf(plugin)
  const isGone =
    (verdict === 'approved' && plugin?.candidateDigest !== digest) ||
    (verdict === 'rolled_back' && plugin?.previousDigest !== digest)
  if (isOther || isGone) throw fail('plugin_overtaken', { plugin: id })
}

/**
 * Refuses agents that read what may not be used for their purpose, and conclusions that nothing may be done
 * with: either would process personal data for nothing. What an officer narrows later only ends the use.
 *
 * @throws purpose_not_inherited naming the trait
 */
export function refuseUnusable(manifest: Manifest, derived: ReadonlyMap<string, Derived>): void {
  for (const agent of manifest.agents) {
    const { purpose, writes } = agent
    const usable = (key: string): Purposes => derived.get(key)?.purposes ?? null
    const refused =
      sourcesOf(agent).find((key) => !allows(usable(key), purpose)) ??
      writes.find((key) => usable(key)?.length === 0)
    if (refused === undefined) continue
    throw fail('purpose_not_inherited', {
      agent: `${manifest.id}/${agent.id}`,
      key: refused,
      purpose,
      purposes: usable(refused)?.join(', ') || 'nothing',
    })
  }
}

export const audit = (
  { clock }: Board,
  { pluginId, by }: Omit<Act, 'workspaceId'>,
  action: string,
  payload: object,
): string =>
  JSON.stringify([
    {
      id: clock.id(),
      at: clock.now(),
      actor: by,
      action,
      object: `plugin:${pluginId}`,
      payload,
    },
  ])
