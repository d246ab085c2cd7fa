/** What a plugin's coming and going writes to the blackboard, each in one transaction. */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { removePlugin } from '../../blackboard/query/removePlugin.ts'
import { replaceDefinitions } from '../../blackboard/query/replaceDefinitions.ts'
import { replaceSubscriptions } from '../../blackboard/query/replaceSubscriptions.ts'
import { storePlugin } from '../../blackboard/query/storePlugin.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Manifest } from '../model/manifest.ts'
import type { PluginPackage } from './package.ts'

/** One plugin of one workspace, and who acts on it. */
interface Act {
  workspaceId: number
  pluginId: string
  by: string
}

/**
 * Makes the package the workspace's active version of its plugin, with its traits and subscriptions.
 * Fails with `trait_owned` when a trait of it belongs to somebody else; then nothing is written.
 */
export async function activate(
  board: Board,
  workspaceId: number,
  pkg: PluginPackage,
  by: string,
): Promise<void> {
  await transact(board.db, (tx) => store(tx, board, workspaceId, pkg, by))
}

/** Takes the plugin out of service; its traits and versions stay. Fails with `plugin_not_found`. */
export async function retire(board: Board, act: Act): Promise<void> {
  const at = board.clock.now().toISOString()
  const { workspaceId, pluginId } = act
  await transact(board.db, async (tx) => {
    const [removed] = await removePlugin(tx, { workspaceId, id: pluginId, at })
    if (!removed) throw fail('plugin_not_found', { plugin: pluginId })
    const { reactions } = removed
    await appendAudit(tx, {
      workspaceId,
      entries: audit(board, act, 'plugin.remove', { reactions }),
    })
  })
}

async function store(
  tx: TransactionSql,
  board: Board,
  workspaceId: number,
  { manifest, bundle, digest }: PluginPackage,
  by: string,
): Promise<void> {
  const at = board.clock.now().toISOString()
  const definitions = definitionsOf(manifest)
  const got = await replaceDefinitions(tx, {
    workspaceId,
    definitions: JSON.stringify(definitions),
    at,
  })
  const taken = definitions.find(({ key }) => !got.some((row) => row.key === key))
  if (taken) throw fail('trait_owned', { key: taken.key, owner: 'another agent or the workspace' })
  await Promise.all([
    storePlugin(tx, {
      workspaceId,
      id: manifest.id,
      version: manifest.version,
      digest,
      manifest: JSON.stringify(manifest),
      bundle,
      by,
      at,
    }),
    replaceSubscriptions(tx, {
      workspaceId,
      plugin: manifest.id,
      subscriptions: JSON.stringify(subscriptionsOf(manifest)),
    }),
    appendAudit(tx, {
      workspaceId,
      entries: audit(board, { workspaceId, pluginId: manifest.id, by }, 'plugin.install', {
        version: manifest.version,
        digest,
      }),
    }),
  ])
}

function definitionsOf(manifest: Manifest): { key: string }[] {
  return manifest.traits.map(({ key, class: dataClass, schema, purposes }) => {
    const owner = manifest.agents.find(({ writes }) => writes.includes(key))
    return {
      key,
      class: dataClass,
      schema: schema ?? null,
      purposes,
      owner: `${manifest.id}/${owner?.id ?? ''}`,
    }
  })
}

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
  { workspaceId, pluginId, by }: Act,
  action: string,
  payload: object,
): string =>
  JSON.stringify([
    {
      workspaceId,
      id: clock.id(),
      at: clock.now(),
      actor: by,
      action,
      object: `plugin:${pluginId}`,
      payload,
    },
  ])
