import type { AccessRow } from '../../blackboard/query/listAccesses.ts'
import type { AgentManifest, Manifest } from '../model/manifest.ts'
import { covers } from '../model/purpose.ts'
import type { Role } from '../model/principal.ts'
import type { TraitDefinition } from '../model/trait.ts'

/** All that the records of processing and the findings are made of: what is promised, and what was counted. */
export interface Material {
  now: Date
  /** How far back uses were counted. */
  since: Date
  plugins: readonly {
    id: string
    version: string
    state: string
    manifest: Manifest
    installedAt: Date
  }[]
  definitions: ReadonlyMap<string, TraitDefinition>
  purposes: readonly PurposeText[]
  principals: readonly PrincipalFacts[]
  sources: readonly {
    id: string
    name: string
    enabled: boolean
    createdAt: Date
    /** Traits that were first seen from it. */
    traits: readonly string[]
  }[]
  accesses: readonly AccessRow[]
}

export interface PurposeText {
  key: string
  description: string
  bases: string[]
  needsGrant: boolean
}

export interface PrincipalFacts {
  id: string
  name: string
  role: Role
  purposes: string[]
  createdAt: Date
  /** Per purpose, or '' without one, the traits that the policy in force lets it read of some profile. */
  readable: ReadonlyMap<string, readonly string[]>
}

/** An agent of an installed plugin, under its full name. */
export interface InstalledAgent {
  name: string
  plugin: Material['plugins'][number]
  agent: AgentManifest
}

export const agentsOf = ({ plugins }: Material): InstalledAgent[] =>
  plugins.flatMap((plugin) =>
    plugin.manifest.agents.map((agent) => ({ name: `${plugin.id}/${agent.id}`, plugin, agent })),
  )

/** The words for a purpose, or for the nearest above it. */
export const textOf = ({ purposes }: Material, purpose: string): PurposeText | undefined =>
  purposes
    .filter(({ key }) => covers(key, purpose))
    .toSorted((a, b) => b.key.length - a.key.length)[0]

export const traitOf = (object: string): string | undefined =>
  object.startsWith('trait:') ? object.slice('trait:'.length) : undefined
