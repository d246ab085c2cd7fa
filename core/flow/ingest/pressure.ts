import { listFullAgendas } from '../../../blackboard/query/listFullAgendas.ts'
import type { Board } from '../../board.ts'
import { fail } from '../../errors.ts'
import { repeat } from '../repeat.ts'

/** The last step of back-pressure: whose agents are too far behind is told to send later. */
export interface Pressure extends AsyncDisposable {
  /** @throws agenda_full */
  demandRoom(workspaceId: number): void
  /** Resolves after a look that began later than this call. */
  looked(): Promise<void>
}

/** A million index entries are counted in a tenth of a second, and so many reactions take agents minutes. */
const pollMs = 2000

/** @param agendaMax reactions of one workspace that may wait */
export function watchPressure(board: Board, agendaMax: number): Pressure {
  let full: ReadonlySet<number> = new Set()
  const watch = repeat('pressure', pollMs, board.log, async () => {
    const rows = await listFullAgendas(board.db.sql, { max: agendaMax })
    full = new Set(rows.map(({ workspaceId }) => workspaceId))
    return 0
  })
  return {
    demandRoom(workspaceId) {
      if (full.has(workspaceId)) throw fail('agenda_full', { limit: agendaMax })
    },
    looked: () => watch.idle(),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  }
}
