import {
  edgeKinds,
  type AgentGraph,
  type GraphEdge,
  type GraphNode,
} from '../../core/model/agentGraph.ts'
import { glossary } from '../../core/model/glossary.ts'
import { readAgentGraph } from '../../core/read/agentGraph.ts'
import { builder } from './builder.ts'
import { upperCase } from './enumOf.ts'

const AgentEdgeKindType = builder.enumType('AgentEdgeKind', {
  description:
    'How one agent comes to the next: it wakes it by an event, a word about consent, a trait or a crossing; has it go on by what it needs; or is only read.',
  values: upperCase(edgeKinds),
})

const AgentNodeType = builder.objectRef<GraphNode>('AgentNode').implement({
  description: glossary.agent,
  fields: (t) => ({
    agent: t.exposeString('agent', { description: 'plugin/agent.' }),
    plugin: t.exposeString('plugin'),
    purpose: t.exposeString('purpose'),
  }),
})

const AgentEdgeType = builder.objectRef<GraphEdge>('AgentEdge').implement({
  fields: (t) => ({
    from: t.exposeString('from', {
      nullable: true,
      description: 'Whose write it is; null for what comes from outside.',
    }),
    to: t.exposeString('to'),
    kind: t.expose('kind', { type: AgentEdgeKindType }),
    key: t.exposeString('key', { description: 'The event or trait; * for any.' }),
  }),
})

const AgentGraphType = builder.objectRef<AgentGraph>('AgentGraph').implement({
  description: 'Which agents wake which and read what of whom, as their manifests say.',
  fields: (t) => ({
    nodes: t.expose('nodes', { type: [AgentNodeType] }),
    edges: t.expose('edges', { type: [AgentEdgeType] }),
    rings: t.field({
      type: ['String'],
      description: 'Agents that wake each other in a circle, such as a/one → b/two → a/one.',
      resolve: ({ rings }) => rings.map((ring) => [...ring, ring[0]].join(' → ')),
    }),
  }),
})

builder.queryField('agentGraph', (t) =>
  t.field({ type: AgentGraphType, resolve: (_, __, { reader }) => readAgentGraph(reader) }),
)
