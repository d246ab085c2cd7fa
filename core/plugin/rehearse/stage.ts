/** Two versions of a plugin, loaded beside each other where they cost nobody anything. */
import { loadPlugin } from '../../../blackboard/query/loadPlugin.ts'
import type { ActivePolicies } from '../../activePolicies.ts'
import type { Board } from '../../board.ts'
import type { DefinitionCache } from '../../flow/definitions.ts'
import { createPermissions, type Permissions } from '../../flow/react/permission.ts'
import type { Call } from '../../flow/react/prepare.ts'
import { nextDefinitions } from '../../host/contributeTraits.ts'
import { readConfig } from '../../host/configs.ts'
import type { PluginHost } from '../../host/host.ts'
import { hostKeyOf } from '../../host/hostKey.ts'
import type { PluginPackage } from '../../host/package.ts'
import { agentsOf } from '../../host/roster.ts'
import { verifyVersion } from '../../host/verifyVersion.ts'
import { createSignals } from '../../signal.ts'
import { asDefinition } from '../../trait/definition.ts'

export interface RehearsalDeps {
  board: Board
  host: PluginHost
  policies: ActivePolicies
  definitions: Pick<DefinitionCache, 'of'>
}

/** One agent as the version in service has it and as the next one does; one of the two may not have it. */
export interface Pair {
  agent: string
  old: Call | undefined
  next: Call | undefined
}

export interface Stage extends AsyncDisposable {
  pairs: readonly Pair[]
}

/**
 * Loads both versions under keys of their own, apart from the plugins that work: what happens to them there is
 * counted nowhere, and the version in service goes on as if nothing was.
 *
 * @throws plugin_self_test_failed, plugin_load_failed, trait_owned, plugin_not_configured
 */
export async function openStage(
  deps: RehearsalDeps,
  workspaceId: number,
  next: PluginPackage,
  baseDigest: string | undefined,
): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const { policies, definitions, host } = deps
  // Refusals on the way are told to nobody and counted for nobody.
  const log = deps.board.log.child({ rehearsal: next.manifest.id }, { level: 'silent' })
  const board: Board = { ...deps.board, signals: createSignals(), log }
  const nonce = board.clock.id()
  const enter = async (pkg: PluginPackage, permissions: Permissions): Promise<Call[]> => {
    const { id } = pkg.manifest
    const row = { workspaceId, id, digest: pkg.digest }
    const role = pkg === next ? 'next' : 'old'
    // No key of a plugin that works, so nothing takes what is logged under it for that plugin's words.
    const key = `${hostKeyOf(row)} rehearsal ${nonce} ${role}`
    await host.load(key, pkg, { isApart: true })
    stack.defer(() => host.unload(key))
    if (pkg === next) await host.selfTest(key)
    return await Promise.all(
      agentsOf(key, row, pkg.manifest).map(async (agent) => {
        const [permission, config] = await Promise.all([
          permissions.of(agent),
          readConfig(board, agent),
        ])
        return { board, host, agent, permission, config }
      }),
    )
  }
  const base =
    baseDigest === undefined ? undefined : await readBase(board, workspaceId, next, baseDigest)
  const promised = await promisedBy(deps, workspaceId, next)
  const nextCalls = await enter(next, createPermissions(policies, { of: async () => promised }))
  const oldCalls = base ? await enter(base, createPermissions(policies, definitions)) : []
  const held = stack.move()
  return {
    pairs: pairsOf(oldCalls, nextCalls),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

async function readBase(
  board: Board,
  workspaceId: number,
  { manifest: { id } }: PluginPackage,
  digest: string,
): Promise<PluginPackage> {
  const key = { workspaceId, id, digest }
  const [stored] = await loadPlugin(board.db.sql, key)
  return await verifyVersion(board, key, stored)
}

/** The definitions as they would be with the version in service; what officers said stays. */
async function promisedBy(
  { board, definitions }: RehearsalDeps,
  workspaceId: number,
  { manifest }: PluginPackage,
) {
  const [known, brought] = await Promise.all([
    definitions.of(workspaceId),
    nextDefinitions(board.db.sql, workspaceId, manifest),
  ])
  return new Map([
    ...known,
    ...brought.map(({ before, next }) => {
      const {
        version = 0,
        effectivePurposes = null,
        specialBy = [],
        neededMs = null,
      } = before ?? {}
      const kept = { effectivePurposes, specialBy, neededMs }
      const row = { ...next, ...kept, version: version + 1, registered: true }
      return [next.key, asDefinition(row)] as const
    }),
  ])
}

function pairsOf(old: readonly Call[], next: readonly Call[]): Pair[] {
  const find = (calls: readonly Call[], id: string) =>
    calls.find(({ agent }) => agent.manifest.id === id)
  const ids = [...next, ...old].map(({ agent }) => agent.manifest.id)
  return [...new Set(ids)].map((id) => ({
    agent: id,
    old: find(old, id),
    next: find(next, id),
  }))
}
