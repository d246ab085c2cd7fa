/** The versions that run on this node, and which of two that run beside each other a profile has. */
import { isInCanary } from '../model/canary.ts'
import { matcher, type Matcher } from '../model/match.ts'
import {
  stateOf,
  type AgentManifest,
  type Manifest,
  type NetworkEntry,
  type PerformerManifest,
} from '../model/manifest.ts'
import type { PluginConfig } from '../model/pluginConfig.ts'
import type { PluginState } from '../model/pluginState.ts'
import type { HostKey } from './hostKey.ts'
import { preconditionOf } from './precondition.ts'

/** An agent that can run on this node now. */
export interface RunnableAgent {
  workspaceId: number
  /** `plugin/agent`, as the agenda and the change log name it. */
  name: string
  pluginId: string
  /** Digest of the plugin version that runs. */
  digest: string
  /** What the plugin host knows the loaded version by. */
  hostKey: string
  /** Where its plugin may send requests. */
  network: readonly NetworkEntry[]
  manifest: AgentManifest
  /** Traits of other plugins that it writes; absent where there are none. */
  sharedTraits?: readonly string[]
  /** Its precondition, asked of what it may see; absent where it has none. */
  when?: Matcher
  /** What the plugin takes as config; absent where it takes none. */
  config?: PluginConfig
  /** The part of the plugin's state that the agent is handed; absent where that is nothing. */
  state?: PluginState
}

/** A performer of a version in service. */
export interface RunnablePerformer extends Omit<RunnableAgent, 'manifest' | 'when' | 'state'> {
  manifest: PerformerManifest
}

/** A version that is to run. */
export interface ActiveRow extends HostKey {
  /** Percent of the profiles that it is tried on; null for the version in service. */
  share: number | null
}

export interface Loaded extends ActiveRow {
  hostKey: string
  agents: RunnableAgent[]
  performers: RunnablePerformer[]
}

export interface Roster {
  agents: readonly RunnableAgent[]
  /** Those of the versions in service. */
  performers: readonly RunnablePerformer[]
  /** The agent as the profile has it; without a profile, that of the version in service. */
  find(workspaceId: number, name: string, profileId?: string): RunnableAgent | undefined
}

export function rosterOf(loaded: Iterable<Loaded>): Roster {
  const versions = [...loaded]
  const whole = versions.filter(({ share }) => share === null).flatMap(({ agents }) => agents)
  const byName = new Map(whole.map((agent) => [keyOf(agent), agent]))
  // Without the version in service on this node nobody would have the rest of the profiles.
  const canaries = new Map(
    versions.flatMap(({ agents, share }) =>
      share === null
        ? []
        : agents
            .filter((agent) => byName.has(keyOf(agent)))
            .map((agent) => [keyOf(agent), { agent, share }] as const),
    ),
  )
  return {
    performers: versions
      .filter(({ share }) => share === null)
      .flatMap(({ performers }) => performers),
    agents: [...whole, ...canaries.values().map(({ agent }) => agent)],
    find(workspaceId, name, profileId) {
      const key = keyOf({ workspaceId, name })
      const canary = canaries.get(key)
      return canary &&
        profileId !== undefined &&
        isInCanary(profileId, canary.agent.digest, canary.share)
        ? canary.agent
        : byName.get(key)
    },
  }
}

const keyOf = ({ workspaceId, name }: Pick<RunnableAgent, 'workspaceId' | 'name'>): string =>
  `${workspaceId} ${name}`

export const asLoaded = (key: string, row: ActiveRow, manifest: Manifest): Loaded => ({
  ...row,
  hostKey: key,
  agents: agentsOf(key, row, manifest),
  performers: performersOf(key, row, manifest),
})

/** The agents of a version that the host has loaded under `key`. */
export function agentsOf(key: string, row: HostKey, manifest: Manifest): RunnableAgent[] {
  const shared = manifest.sharedTraits.length > 0 ? { sharedTraits: manifest.sharedTraits } : {}
  return manifest.agents.map((agent) => ({
    ...placeOf(key, row, manifest, agent),
    manifest: agent,
    ...whenOf(agent),
    ...shared,
    ...keptBy(manifest, agent),
  }))
}

const performersOf = (key: string, row: HostKey, manifest: Manifest): RunnablePerformer[] =>
  manifest.performers.map((performer) => ({
    ...placeOf(key, row, manifest, performer),
    manifest: performer,
  }))

/** What an agent and a performer have in common. */
const placeOf = (
  key: string,
  { workspaceId, id, digest }: HostKey,
  { network, config }: Manifest,
  member: { id: string },
) => ({
  workspaceId,
  name: `${id}/${member.id}`,
  pluginId: id,
  digest,
  hostKey: key,
  network,
  ...(config ? { config } : {}),
})

function whenOf(agent: AgentManifest): { when?: Matcher } {
  const condition = preconditionOf(agent)
  return condition ? { when: matcher(condition) } : {}
}

function keptBy(manifest: Manifest, agent: AgentManifest): { state?: PluginState } {
  const state = stateOf(manifest, agent)
  return state ? { state } : {}
}
