import type { Json } from '../../model/json.ts'

const dayMs = 24 * 60 * 60 * 1000
/** Year 10000: what lies beyond has no four-digit year, and Postgres does not read it. */
const endOfTimeMs = 253_402_300_800_000

/** A time as clients write it: ISO 8601 text or milliseconds since 1970. Null when it is neither. */
export function readTime(value: Json | undefined): Date | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const time = new Date(value)
  const ms = time.getTime()
  return ms >= 0 && ms < endOfTimeMs ? time : null
}

/**
 * When the event happened, by our clock: the client's clock may be wrong, but the time between the event
 * and the sending is not. Without `sentAt` the client's time is taken as it is. What would lie more than
 * 24 h in the future, or before 1970, is put at `receivedAt`: a spoofed time must not outlive retention.
 */
export function correctSkew(original: Date | null, sentAt: Date | null, receivedAt: Date): Date {
  if (!original) return receivedAt
  const ms = sentAt
    ? receivedAt.getTime() - (sentAt.getTime() - original.getTime())
    : original.getTime()
  return ms < 0 || ms > receivedAt.getTime() + dayMs ? receivedAt : new Date(ms)
}
