/**
 * What operators changed of the order in which agents get their turn, kept ready so that a claim asks nobody: read at
 * every signal about plugins and every second.
 */
import { listAgentWeights } from '../../../blackboard/query/listAgentWeights.ts'
import type { Board } from '../../board.ts'
import type { RunnableAgent } from './reaction.ts'
import { nameOf } from './shell.ts'

export interface Weights {
  /** Points of priority that the agent's reactions have more than by themselves. */
  of(agent: Pick<RunnableAgent, 'workspaceId' | 'name'>): number
  refresh(): Promise<void>
}

export function createWeights({ db }: Pick<Board, 'db'>): Weights {
  let deltas: ReadonlyMap<string, number> = new Map()
  return {
    of: (agent) => deltas.get(nameOf(agent)) ?? 0,
    async refresh() {
      const rows = await listAgentWeights(db.sql, {})
      deltas = new Map(
        rows.map(({ workspaceId, agent: name, delta }) => [nameOf({ workspaceId, name }), delta]),
      )
    },
  }
}
