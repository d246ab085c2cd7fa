import { listInService } from '../host/inService.ts'
import { agentGraphOf, type AgentGraph } from '../model/agentGraph.ts'
import { demand, type Reader } from './reader.ts'

/** How the agents in service hang together, paused ones included. @throws forbidden */
export async function readAgentGraph(reader: Reader): Promise<AgentGraph> {
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const plugins = await listInService(reader.board.db.sql, workspaceId)
  return agentGraphOf(plugins.map(({ manifest }) => manifest))
}
