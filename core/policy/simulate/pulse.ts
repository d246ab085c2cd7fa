import { beatSimulation } from '../../../blackboard/query/beatSimulation.ts'
import type { Board } from '../../board.ts'

/** A simulation that nothing was heard of for 15 s counts as lost, whatever its statements wait for. */
const beatMs = 2000

export interface Pulse extends Disposable {
  /** Says how far it is; false when the simulation was ended meanwhile. */
  at(done: number, total: number): Promise<boolean>
}

/** Says of a simulation that it is worked on, every two seconds and whenever it comes further. */
export function startPulse(
  { db, clock, log }: Board,
  { workspaceId, id }: { workspaceId: number; id: string },
): Pulse {
  let progress = { done: 0, total: 0 }
  const beat = async (): Promise<boolean> => {
    const at = clock.now().toISOString()
    return (await beatSimulation(db.sql, { workspaceId, id, ...progress, at })).length > 0
  }
  const timer = setInterval(() => {
    beat().catch(() => log.warn({ simulation: id }, 'a simulation could not say that it goes on'))
  }, beatMs)
  return {
    at(done, total) {
      progress = { done, total: Math.max(done, total) }
      return beat()
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
