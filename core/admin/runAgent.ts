import type { TransactionSql } from 'postgres'
import { z } from 'zod'
import { wakeByHand } from '../../blackboard/query/wakeByHand.ts'
import { transact } from '../../blackboard/transact.ts'
import { listInService } from '../host/inService.ts'
import { fail } from '../errors.ts'
import { manualCause } from '../flow/notice.ts'
import { erased, hashOf, lockSubject, seekSubjects } from '../flow/subject.ts'
import { identifierSchema, type Identifier } from '../model/identifier.ts'
import { withTrace, type Trace } from '../model/trace.ts'
import type { AgentManifest } from '../model/manifest.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

const inputSchema = z.strictObject({ agent: z.string().max(200), by: identifierSchema })

/**
 * Has an agent look at one person, by the word of an operator: a reaction with a manual cause, that takes its turn
 * like all others. What the person or a policy forbids the agent to see or to do, it may not for this either, and its
 * precondition is asked before it runs.
 *
 * @param given `{ agent: 'plugin/agent', by: identifier }`
 * @param trace what the request is part of; what the agent does is part of it too
 * @returns the key of the reaction
 * @throws forbidden, bad_input, agent_not_in_service, agent_not_running, unknown_subject also for who was erased
 */
export async function runAgent(
  reader: Reader,
  given: unknown,
  trace?: Trace,
): Promise<{ profileId: string; agent: string }> {
  demand(reader, 'administer', 'Plugin')
  const { agent, by } = parseInput(inputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  const { priority, rating, deadlineMs = null } = await runningAgent(reader, agent)
  const isFixed = typeof rating === 'number'
  const profileId = await transact(board.db, async (tx) => {
    const canonical = await lockKnown(tx, reader, by)
    const id = board.clock.id()
    await wakeByHand(tx, {
      workspaceId,
      profileId: canonical,
      agent,
      cause: withTrace(trace, manualCause(id)),
      priority,
      rating: isFixed ? rating : 0,
      ratingTrait: isFixed ? null : rating.trait,
      deadlineMs,
      at: board.clock.now().toISOString(),
    })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: 'reaction.run_by_hand',
      object: `profile:${canonical}`,
      payload: { agent, cause: id },
    })
    return canonical
  })
  board.signals.send('agenda')
  board.signals.send('audit')
  return { profileId, agent }
}

/** The agent as the version in service declares it. */
async function runningAgent({ board, principal }: Reader, name: string): Promise<AgentManifest> {
  const [pluginId, agentId] = name.split('/')
  const installed = await listInService(board.db.sql, principal.workspaceId)
  const plugin = installed.find(({ id }) => id === pluginId)
  const agent = plugin?.manifest.agents.find(({ id }) => `${pluginId}/${id}` === name)
  if (!plugin || !agent || agentId === undefined)
    throw fail('agent_not_in_service', { agent: name })
  if (plugin.state === 'active') return agent
  throw fail('agent_not_running', { agent: name, plugin: plugin.id, state: plugin.state })
}

/** Who was erased is nobody to an agent, and so they are to who runs it. */
async function lockKnown(
  tx: TransactionSql,
  { board, principal: { workspaceId } }: Reader,
  by: Identifier,
): Promise<string> {
  const hash = hashOf(board.vault, workspaceId, by)
  const sought = (await seekSubjects(tx, workspaceId, [hash])).get(hash)
  const person = sought === erased ? undefined : await lockSubject(tx, board, workspaceId, by)
  if (!person) throw fail('unknown_subject', { namespace: by.namespace })
  return person.canonical
}
