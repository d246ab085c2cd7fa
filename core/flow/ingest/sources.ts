import { hash } from 'node:crypto'
import { findSourceByKeyHash } from '../../../blackboard/query/findSourceByKeyHash.ts'
import type { Board } from '../../board.ts'
import { asSlateboardError } from '../../errors.ts'
import { remember } from '../../fresh.ts'
import type { Pressure } from './pressure.ts'
import type { Intake } from './intake.ts'
import type { IngestPort, Source } from './port.ts'

// What bounds the time that a disabled key still works, and that a new one is unknown after being tried.
const maxAgeMs = 1000
const keysMax = 10_000
const keyLengthMax = 500

/** The HTTP edge's door to the flow. Keys are looked up by their SHA-256 and remembered for a second. */
export function createIngestPort(
  board: Board,
  intake: Intake,
  pressure: Pick<Pressure, 'demandRoom'>,
): IngestPort {
  const sources = remember(
    board.clock,
    { maxAgeMs, max: keysMax },
    async (writeKeyHash: string): Promise<{ source: Source | null }> => {
      const [row] = await findSourceByKeyHash(board.db.sql, { writeKeyHash })
      return { source: row?.enabled ? { id: row.id, workspaceId: row.workspaceId } : null }
    },
  )
  return {
    async findSource(writeKey) {
      if (writeKey === '' || writeKey.length > keyLengthMax) return null
      return (await sources.get(hash('sha256', writeKey, 'hex'))).source
    },
    demandRoom: ({ workspaceId }) => pressure.demandRoom(workspaceId),
    async submit(source, events, trace) {
      const facts = { workspace: source.workspaceId, items: events.length }
      const span = board.tracing.receive('ingest', trace, { facts })
      try {
        const results = await intake.submit(source, events, span.trace)
        span.end({ outcome: 'stored' })
        return results
      } catch (thrown) {
        span.end({ outcome: 'failed', error: asSlateboardError(thrown).code })
        throw thrown
      }
    },
  }
}
