import { listInstalled } from '../../blackboard/query/listInstalled.ts'
import type { AgentManifest } from '../model/manifest.ts'
import type { StateInService } from '../model/pluginLife.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export interface AgentView extends Pick<
  AgentManifest,
  'purpose' | 'reads' | 'writes' | 'priority'
> {
  /** `plugin/agent`. */
  id: string
  description: string | null
  plugin: string
  version: string
  state: StateInService
  triggers: string[]
  installedBy: string
  installedAt: Date
}

/** The agents of all installed plugins. @throws forbidden */
export async function listAgents(reader: Reader): Promise<AgentView[]> {
  demand(reader, 'read', 'Plugin')
  const plugins = await listInstalled(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
  })
  return plugins.flatMap(({ id: plugin, version, state, manifest, installedBy, installedAt }) =>
    manifest.agents.map((agent) => ({
      id: `${plugin}/${agent.id}`,
      description: agent.description ?? null,
      plugin,
      version,
      state,
      purpose: agent.purpose,
      priority: agent.priority,
      reads: agent.reads,
      writes: agent.writes,
      triggers: triggersOf(agent),
      installedBy,
      installedAt,
    })),
  )
}

const triggersOf = ({ triggers }: AgentManifest): string[] => [
  ...triggers.events.map((name) => `event:${name}`),
  ...triggers.traits.map((key) => `trait:${key}`),
  ...(triggers.consents ? ['consent'] : []),
]
