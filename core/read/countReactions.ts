import {
  countReactions as count,
  type ReactionCount,
} from '../../blackboard/query/countReactions.ts'
import { parkedReasons, type ParkedReason } from '../model/reaction.ts'
import { demand, type Reader } from './reader.ts'

/** How much of the agenda stands where. */
export interface AgendaCounts {
  pending: number
  running: number
  snoozed: number
  /** One a reason, those without any left out. */
  parked: { reason: ParkedReason; count: number }[]
  /** How long the pending one that waits longest has waited, in seconds; null where none does. */
  oldestSeconds: number | null
}

/** The whole agenda of the workspace in numbers that say nothing of anybody. @throws forbidden */
export async function countAgenda(reader: Reader): Promise<AgendaCounts> {
  demand(reader, 'read', 'Plugin')
  return sumUp(await counted(reader, null), reader.board.clock.now())
}

/** The same for each of the agents named, in their order. @throws forbidden */
export async function countByAgent(
  reader: Reader,
  agents: readonly string[],
): Promise<AgendaCounts[]> {
  demand(reader, 'read', 'Plugin')
  const byAgent = Map.groupBy(await counted(reader, agents), ({ agent }) => agent)
  const now = reader.board.clock.now()
  return agents.map((agent) => sumUp(byAgent.get(agent) ?? [], now))
}

const counted = (
  { board, principal: { workspaceId } }: Reader,
  agents: readonly string[] | null,
): Promise<ReactionCount[]> => count(board.db.sql, { workspaceId, agents })

function sumUp(rows: readonly ReactionCount[], now: Date): AgendaCounts {
  const sum = (isMeant: (row: ReactionCount) => boolean): number =>
    rows.reduce((total, row) => (isMeant(row) ? total + row.count : total), 0)
  const waiting = rows.filter(({ state }) => state === 'pending')
  const oldest = Math.min(...waiting.map(({ oldestAt }) => oldestAt.getTime()))
  return {
    pending: sum(({ state }) => state === 'pending'),
    running: sum(({ state }) => state === 'running'),
    snoozed: sum(({ state }) => state === 'snoozed'),
    parked: parkedReasons
      .map((reason) => ({ reason, count: sum(({ parked }) => parked === reason) }))
      .filter(({ count: number }) => number > 0),
    oldestSeconds:
      waiting.length > 0 ? Math.max(0, Math.floor((now.getTime() - oldest) / 1000)) : null,
  }
}
