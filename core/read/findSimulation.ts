import { failLostSimulations } from '../../blackboard/query/failLostSimulations.ts'
import {
  findSimulation as find,
  type SimulationRow,
} from '../../blackboard/query/findSimulation.ts'
import type { Board } from '../board.ts'
import { findProfile } from './findProfile.ts'
import type { Profile } from './profile.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'

export type SimulationView = SimulationRow

// Whoever works on one says so every two seconds; see core/policy/simulate/pulse.ts.
const lostAfterMs = 15_000

/** A simulation of the workspace, null when there is none of that id. @throws forbidden */
export async function findSimulation(reader: Reader, id: string): Promise<SimulationView | null> {
  demand(reader, 'read', 'Policy')
  const { workspaceId } = reader.principal
  await failLost(reader.board, workspaceId)
  const [row] = await find(reader.board.db.sql, { workspaceId, id })
  return row ?? null
}

/** A profile that stands as an example; null unless the reader may see it. */
export const findExample = async (reader: Reader, id: string): Promise<Profile | null> =>
  reader.profiles.row.plan.kind === 'never' ? null : findProfile(reader, { id })

/** Ends what a process that is no more left running. */
export async function failLost({ db, clock }: Board, workspaceId: number): Promise<void> {
  const now = clock.now()
  const before = new Date(now.getTime() - lostAfterMs).toISOString()
  await failLostSimulations(db.sql, { workspaceId, before, at: now.toISOString() })
}
