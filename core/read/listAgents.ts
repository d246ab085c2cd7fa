import { findAgentWeights, type AgentWeightRow } from '../../blackboard/query/findAgentWeights.ts'
import { listConfigs } from '../../blackboard/query/listConfigs.ts'
import { listInService } from '../host/inService.ts'
import type { AgentManifest } from '../model/manifest.ts'
import { asValues, configGap } from '../model/pluginConfig.ts'
import type { StateInService } from '../model/pluginLife.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export type { AgentWeightRow }

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
  /** Why it does not run: a required part of its plugin's config that is not set. */
  waitsFor: string | null
  triggers: string[]
  installedBy: string
  installedAt: Date
  /** What somebody changed of its turn. */
  weight: AgentWeightRow | null
}

/** The agents of all installed plugins. @throws forbidden */
export async function listAgents(reader: Reader): Promise<AgentView[]> {
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const [plugins, rows] = await Promise.all([
    listInService(reader.board.db.sql, workspaceId),
    findAgentWeights(reader.board.db.sql, { workspaceId }),
  ])
  const weights = new Map(rows.map((row) => [row.agent, row]))
  const gaps = await findGaps(reader, plugins)
  return plugins.flatMap(({ id: plugin, version, state, manifest, installedBy, installedAt }) =>
    manifest.agents.map((agent) => ({
      id: `${plugin}/${agent.id}`,
      description: agent.description ?? null,
      plugin,
      version,
      state,
      waitsFor: gaps.get(plugin) ?? null,
      purpose: agent.purpose,
      priority: agent.priority,
      reads: agent.reads,
      writes: agent.writes,
      triggers: triggersOf(agent),
      installedBy,
      installedAt,
      weight: weights.get(`${plugin}/${agent.id}`) ?? null,
    })),
  )
}

/** By plugin, what it still has to be told; asked only where one takes a config. */
async function findGaps(
  { board, principal }: Reader,
  plugins: Awaited<ReturnType<typeof listInService>>,
): Promise<Map<string, string>> {
  const taking = plugins.filter(({ manifest }) => manifest.config)
  const gaps = new Map<string, string>()
  if (taking.length === 0) return gaps
  const names = taking.map(({ id }) => `${principal.workspaceId} ${id}`)
  const rows = await listConfigs(board.db.sql, { plugins: names })
  for (const { id, manifest } of taking) {
    const row = rows.find(({ plugin }) => plugin === `${principal.workspaceId} ${id}`)
    const gap =
      manifest.config && configGap(manifest.config, asValues(row?.config), row?.secrets ?? [])
    if (gap) gaps.set(id, `${gap.path}: ${gap.reason}`)
  }
  return gaps
}

const triggersOf = ({ triggers }: AgentManifest): string[] => [
  ...triggers.events.map((name) => `event:${name}`),
  ...triggers.traits.map((key) => `trait:${key}`),
  ...triggers.schedules.map(({ cron, timezone }) => `schedule:${cron} ${timezone}`),
  ...triggers.objectives.map((name) => `objective:${name}`),
  ...triggers.crossings.flatMap(({ trait, above, below }) => [
    ...(above === undefined ? [] : [`crossing:${trait}>${above}`]),
    ...(below === undefined ? [] : [`crossing:${trait}<${below}`]),
  ]),
  ...(triggers.consents ? ['consent'] : []),
]
