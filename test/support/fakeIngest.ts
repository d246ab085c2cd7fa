import type { IngestPort, Source } from '../../core/flow/ingest/port.ts'
import type { IncomingEvent, ItemResult } from '../../core/model/event.ts'

export interface FakeIngest extends IngestPort {
  readonly events: IncomingEvent[]
  /** What the requests said that they are part of. */
  readonly traces: (string | undefined)[]
  /** Resolves once that many events have been stored. */
  reached(count: number): Promise<void>
  /** What the next submits fail with; undefined to store again. */
  failure: unknown
}

/** An ingest port that remembers events in memory; one source, key `WK`. */
export function fakeIngest(): FakeIngest {
  const seen = new Set<string>()
  const waiting: { count: number; resolve(): void }[] = []
  const source: Source = { id: 'source1', workspaceId: 1 }
  return {
    events: [],
    traces: [],
    failure: undefined,
    findSource: (writeKey) => Promise.resolve(writeKey === 'WK' ? source : null),
    demandRoom: () => undefined,
    submit(_, events, trace) {
      this.traces.push(trace)
      if (this.failure !== undefined) return Promise.reject(this.failure)
      const results = events.map((event): ItemResult => {
        const { messageId } = event
        if (seen.has(messageId)) return { status: 'duplicate', messageId }
        seen.add(messageId)
        this.events.push(event)
        return { status: 'accepted', messageId }
      })
      for (const { count, resolve } of waiting) if (this.events.length >= count) resolve()
      return Promise.resolve(results)
    },
    reached(count) {
      return new Promise((resolve) => {
        if (this.events.length >= count) resolve()
        else waiting.push({ count, resolve })
      })
    },
  }
}
