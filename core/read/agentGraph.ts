import { listInstalled } from '../../blackboard/query/listInstalled.ts'
import { manifestSchema } from '../model/manifest.ts'
import { agentGraphOf, type AgentGraph } from '../model/agentGraph.ts'
import { demand, type Reader } from './reader.ts'

/** How the agents in service hang together, paused ones included. @throws forbidden */
export async function readAgentGraph(reader: Reader): Promise<AgentGraph> {
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const plugins = await listInstalled(reader.board.db.sql, { workspaceId })
  return agentGraphOf(plugins.map(({ manifest }) => manifestSchema.parse(manifest)))
}
