import type { IncomingEvent, ItemResult } from '../../model/event.ts'
import type { Trace } from '../../model/trace.ts'

/** Where events come from, found by its write key. */
export interface Source {
  id: string
  workspaceId: number
}

/** All that the HTTP edge needs of the flow. */
export interface IngestPort {
  /** Null for an unknown or disabled key. */
  findSource(writeKey: string): Promise<Source | null>
  /** Refuses events while the agents are too far behind; what is said of consent is taken all the same. Throws agenda_full. */
  demandRoom(source: Source): void
  /**
   * Answers after the commit, one result per event in the same order; fails as a whole or not at all. What the events
   * lead to is part of the trace, or of one that begins with them.
   */
  submit(source: Source, events: readonly IncomingEvent[], trace?: Trace): Promise<ItemResult[]>
}
