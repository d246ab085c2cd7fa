import type { AgentManifest, Manifest } from './manifest.ts'
import { ringsAmong } from './ring.ts'

/** How one agent comes to the next: by waking it, or by what it reads without being woken. */
export const edgeKinds = [
  'event',
  'consent',
  'trait',
  'crossing',
  'intent',
  'need',
  'read',
] as const
export type EdgeKind = (typeof edgeKinds)[number]

export interface GraphNode {
  /** `plugin/agent`. */
  agent: string
  plugin: string
  purpose: string
}

export interface GraphEdge {
  /** Whose write it is; null for what comes from outside. */
  from: string | null
  to: string
  kind: EdgeKind
  /** The event, trait, purpose or kind of intent. */
  key: string
}

/** Which agents wake which and read what of whom. */
export interface AgentGraph {
  nodes: GraphNode[]
  edges: GraphEdge[]
  /** Agents that wake each other in a circle. */
  rings: string[][]
}

/** As the manifests say. What an agent writes itself neither wakes it nor makes an edge. */
export function agentGraphOf(manifests: readonly Pick<Manifest, 'id' | 'agents'>[]): AgentGraph {
  const agents = manifests.flatMap(({ id: plugin, agents: own }) =>
    own.map((manifest) => ({ name: `${plugin}/${manifest.id}`, plugin, manifest })),
  )
  const writers = new Map<string, string[]>()
  const announcers = new Map<string, string[]>()
  for (const { name, manifest } of agents) {
    for (const key of manifest.writes) add(writers, key, name)
    for (const { kind } of manifest.announces) add(announcers, kind, name)
  }
  const edges = agents.flatMap(({ name, manifest }) =>
    edgesTo(manifest).flatMap(({ kind, key }): GraphEdge[] => {
      if (kind === 'event' || kind === 'consent') return [{ from: null, to: name, kind, key }]
      const sources = kind === 'intent' ? announcers : writers
      const from = key === '*' ? [...sources.values()].flat() : (sources.get(key) ?? [])
      const others = new Set(from.filter((writer) => writer !== name))
      if (kind !== 'read' && sources.get(key) === undefined && key !== '*') {
        return [{ from: null, to: name, kind, key }]
      }
      return [...others].map((writer) => ({ from: writer, to: name, kind, key }))
    }),
  )
  return {
    nodes: agents
      .map(({ name: agent, plugin, manifest: { purpose } }) => ({ agent, plugin, purpose }))
      .toSorted((a, b) => compare(a.agent, b.agent)),
    edges: edges.toSorted((a, b) => compare(orderOf(a), orderOf(b))),
    rings: ringsAmong(manifests).filter(({ length }) => length > 1),
  }
}

const add = (names: Map<string, string[]>, key: string, name: string): unknown =>
  names.set(key, [...(names.get(key) ?? []), name])

/** What is read and wakes as well is one edge, that of the waking. */
function edgesTo({ triggers, needs, reads }: AgentManifest): Pick<GraphEdge, 'kind' | 'key'>[] {
  const keysOf = (given: readonly { trait: string }[]): string[] => [
    ...new Set(given.map(({ trait }) => trait)),
  ]
  const as = (kind: EdgeKind) => (key: string) => ({ kind, key })
  const waking = [
    ...triggers.traits.map(as('trait')),
    ...keysOf(triggers.crossings).map(as('crossing')),
    ...keysOf(needs).map(as('need')),
  ]
  const woken = new Set(waking.map(({ key }) => key))
  return [
    ...triggers.events.map(as('event')),
    ...(triggers.consents ? [as('consent')('*')] : []),
    ...triggers.intents.map(as('intent')),
    ...waking,
    ...[...reads.traits, ...reads.pii].filter((key) => !woken.has(key)).map(as('read')),
  ]
}

const orderOf = ({ from, to, kind, key }: GraphEdge): string =>
  [from ?? '', to, String(edgeKinds.indexOf(kind)), key].join(' ')

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
