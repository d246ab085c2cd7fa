import { monotonicFactory } from 'ulid'

/** Time and ids come in through this seam, so that a test can hold both still. */
export interface Clock {
  now(): Date
  /** A new ULID: 26 characters, sortable by time, monotonic within the process. */
  id(): string
}

export function systemClock(): Clock {
  const next = monotonicFactory()
  return { now: () => new Date(), id: () => next() }
}
