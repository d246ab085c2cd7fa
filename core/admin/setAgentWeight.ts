import { z } from 'zod'
import { removeAgentWeight } from '../../blackboard/query/removeAgentWeight.ts'
import { storeAgentWeight } from '../../blackboard/query/storeAgentWeight.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { listAgents } from '../read/listAgents.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

const deltaMax = 100

const inputSchema = z.strictObject({
  agent: z.string().max(200),
  delta: z
    .int('give a whole number')
    .min(-deltaMax, `give -${deltaMax} or more`)
    .max(deltaMax, `give ${deltaMax} or less`),
  /** It stands in the audit log, so nothing of a person belongs there. */
  reason: z.string().trim().min(1, 'say why').max(200),
})

/**
 * Has the reactions of an agent come to their turn earlier, or later, than by the priority of their own; 0 is as before.
 * Nobody starves of it: who waits grows more urgent as ever.
 *
 * @param given `{ agent: 'plugin/agent', delta, reason }`
 * @throws forbidden, bad_input, agent_not_in_service
 */
export async function setAgentWeight(reader: Reader, given: unknown): Promise<void> {
  demand(reader, 'administer', 'Plugin')
  const { agent, delta, reason } = parseInput(inputSchema, given)
  const { board, principal } = reader
  const { workspaceId, id: by } = principal
  const agents = await listAgents(reader)
  if (!agents.some(({ id }) => id === agent)) throw fail('agent_not_in_service', { agent })
  await transact(board.db, async (tx) => {
    const at = board.clock.now().toISOString()
    if (delta === 0) await removeAgentWeight(tx, { workspaceId, agent })
    else await storeAgentWeight(tx, { workspaceId, agent, delta, reason, by, at })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${by}`,
      action: 'agent.weight',
      object: `agent:${agent}`,
      payload: { delta, reason },
    })
  })
  board.signals.send('plugin')
  board.signals.send('audit')
}
