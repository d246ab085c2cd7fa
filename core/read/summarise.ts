import { summarise as count } from '../../blackboard/query/summarise.ts'
import { countPending as countWaiting } from '../../blackboard/query/countPending.ts'
import { activationStates, type ActivationState } from '../model/activation.ts'
import { fail } from '../errors.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export interface Summary {
  events: number
  profiles: number
  /** Profiles that count as another one. */
  merged: number
  /** Per agent, those that changed something. */
  reactions: { agent: string; count: number }[]
  activations: { state: ActivationState; reason: string | null; count: number }[]
}

/** The workspace in numbers that say nothing of anybody. Counts every row. @throws forbidden */
export async function summarise(reader: Reader): Promise<Summary> {
  demand(reader, 'read', 'Metric')
  const [row] = await count(reader.board.db.sql, { workspaceId: reader.principal.workspaceId })
  if (!row) throw fail('internal')
  return {
    ...row,
    activations: row.activations.flatMap(({ state, ...rest }) => {
      const known = activationStates.find((name) => name === state)
      return known ? [{ state: known, ...rest }] : []
    }),
  }
}

/** Reactions, activations and audit entries that wait for a step of the flow. @throws forbidden */
export async function countPending(reader: Reader): Promise<number> {
  demand(reader, 'read', 'Metric')
  const [row] = await countWaiting(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
  })
  return row?.pending ?? 0
}
