/** What a plugin's coming and going writes to the blackboard, each in one transaction. */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { lockDefinitions, type LockedDefinition } from '../../blackboard/query/lockDefinitions.ts'
import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { insertPluginApproval } from '../../blackboard/query/insertPluginApproval.ts'
import { lockPlugin, type LockedPlugin } from '../../blackboard/query/lockPlugin.ts'
import { movePlugin } from '../../blackboard/query/movePlugin.ts'
import { requestStateMigration } from '../../blackboard/query/requestStateMigration.ts'
import { replaceSubscriptions } from '../../blackboard/query/replaceSubscriptions.ts'
import { silencePlugin } from '../../blackboard/query/silencePlugin.ts'
import { storePlugin } from '../../blackboard/query/storePlugin.ts'
import { wakeWaiting } from '../../blackboard/query/wakeWaiting.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { jsonEqual, type JsonObject } from '../model/json.ts'
import type { Manifest } from '../model/manifest.ts'
import { allows, type Derived, type Purposes } from '../model/derive.ts'
import { stricter } from '../model/trait.ts'
import { acceptConfig } from '../plugin/acceptConfig.ts'
import { deriveAll, sourcesOf } from '../trait/deriveAll.ts'
import { refuseAsked } from '../trait/refuseAsked.ts'
import {
  storeDefinitions,
  type Definition,
  type NextDefinition,
} from '../trait/storeDefinitions.ts'
import { isInService, pluginMayBecome, stateOnInstall } from '../model/pluginLife.ts'
import type { Grant } from './grant.ts'
import type { PluginPackage } from './package.ts'

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
    const [plugin] = await lockPlugin(tx, { workspaceId, id })
    if (!plugin || !pluginMayBecome(plugin.state, 'removed')) {
      throw fail('plugin_not_found', { plugin: id })
    }
    const to = { state: 'removed', reason: null, keepsCandidate: false } as const
    await movePlugin(tx, { workspaceId, id, ...to, at })
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
  await storeTraits(tx, { workspaceId, pluginId: id, by: grant.requestedBy }, manifest, at)
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
      entries: audit(
        board,
        { pluginId: id, by: decidedBy },
        verdict === 'approved' ? 'plugin.approve' : 'plugin.install',
        { version, digest, verdict, trust, replaced: inServiceOf(plugin) },
      ),
    }),
    adoptState(tx, workspaceId, manifest, at),
  ])
  refuseUnusable(manifest, await deriveAll(tx, workspaceId))
}

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

const inServiceOf = (plugin: LockedPlugin | undefined): string | null =>
  plugin && isInService(plugin.state) ? plugin.digest : null

/** What was looked at before the transaction has to be what stands now. */
function refuseOvertaken(
  plugin: LockedPlugin | undefined,
  id: string,
  digest: string,
  { base, verdict }: Grant,
): void {
  if (plugin?.isPurging) throw fail('plugin_being_purged', { plugin: id })
  const isOther = base !== undefined && base.digest !== inServiceOf(plugin)
  const isGone = verdict === 'approved' && plugin?.candidateDigest !== digest
  if (isOther || isGone) throw fail('plugin_overtaken', { plugin: id })
}

/** Registers the traits that the plugin brings, each as a new version when something in it is new. */
async function storeTraits(
  tx: TransactionSql,
  { workspaceId, pluginId }: Act,
  manifest: Manifest,
  at: string,
): Promise<void> {
  const definitions = await nextDefinitions(tx, workspaceId, manifest)
  const reason = `brought by ${pluginId} ${manifest.version}`
  await storeDefinitions(tx, { workspaceId, author: `plugin:${pluginId}`, reason, at }, definitions)
}

/** The definitions that the plugin would bring or change. @throws trait_owned */
export async function nextDefinitions(
  handle: Handle,
  workspaceId: number,
  manifest: Manifest,
): Promise<NextDefinition[]> {
  const keys = manifest.traits.map(({ key }) => key)
  const locked = await lockDefinitions(handle, { workspaceId, keys })
  const known = new Map(locked.map((row) => [row.key, row]))
  return manifest.traits.flatMap((trait): NextDefinition[] => {
    const before = known.get(trait.key)
    if (before && !mayTake(before, manifest.id)) {
      throw fail('trait_owned', { key: trait.key, owner: 'another agent or the workspace' })
    }
    const next = contributed(manifest, trait, before)
    return before && isSame(before, next) ? [] : [{ before, next }]
  })
}

/**
 * Refuses agents that read what may not be used for their purpose, and conclusions that nothing may be done
 * with: either would process personal data for nothing. What an officer narrows later only ends the use.
 *
 * @throws purpose_not_inherited naming the trait
 */
function refuseUnusable(manifest: Manifest, derived: ReadonlyMap<string, Derived>): void {
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

/** A trait that nobody registered, an older version of this plugin did or a removed plugin left. */
const mayTake = ({ registered, owner, isOrphan }: LockedDefinition, pluginId: string): boolean =>
  !registered || owner?.split('/')[0] === pluginId || isOrphan

/**
 * What the manifest says, as far as no officer has spoken: what she wrote outlives an upgrade, save that the
 * class is never less strict than the manifest's.
 */
function contributed(
  manifest: Manifest,
  { key, class: dataClass, schema, purposes, infers }: Manifest['traits'][number],
  before: LockedDefinition | undefined,
): Definition {
  const writer = manifest.agents.find(({ writes }) => writes.includes(key))
  const owner = `${manifest.id}/${writer?.id ?? ''}`
  if (before?.registered && !before.isOrphan && before.author.startsWith('principal:')) {
    const { version: _, registered: __, author: ___, isOrphan: ____, ...rest } = before
    const { effectivePurposes: _____, specialBy: ______, ...kept } = rest
    const strictest = stricter(before.dataClass, dataClass)
    const openedAt = strictest === before.dataClass ? before.openedAt : null
    return {
      ...kept,
      owner,
      dataClass: strictest,
      openedAt,
      infers: before.infers ?? infers ?? null,
    }
  }
  return {
    key,
    dataClass,
    schema: schema ?? null,
    purposes,
    owner,
    owners: [],
    description: '',
    conflictRule: 'latest',
    mergeRule: 'latest',
    freshnessMs: null,
    ttlMs: null,
    openedAt: null,
    infers: infers ?? null,
  }
}

const isSame = (before: LockedDefinition, next: Definition): boolean =>
  before.registered && jsonEqual(asJson({ ...before, ...next }), asJson({ ...before }))

const asJson = (row: LockedDefinition): JsonObject => ({
  ...row,
  openedAt: row.openedAt?.toISOString() ?? null,
})

function subscriptionsOf(manifest: Manifest): object[] {
  return manifest.agents.flatMap(({ id, triggers, priority }) => {
    const agent = `${manifest.id}/${id}`
    return [
      ...triggers.events.map((key) => ({ kind: 'event', key, agent, priority })),
      ...triggers.traits.map((key) => ({ kind: 'trait', key, agent, priority })),
      ...(triggers.consents ? [{ kind: 'consent', key: '*', agent, priority }] : []),
    ]
  })
}

const audit = (
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
