import { Bucket } from './bucket.ts'

const bytesPerMinute = 5_242_880

/** What a plugin may write to the operator's log: 5 MB a minute. What is beyond is dropped, and counted. */
export class LogBudget {
  readonly #bucket: Bucket
  #dropped = 0

  constructor(now: number) {
    const limits = { burst: bytesPerMinute, perMs: bytesPerMinute / 60_000, debtMax: 0 }
    this.#bucket = new Bucket(limits, now)
  }

  /** Whether a line still fits, and how many were dropped since the last one that did. */
  admit(line: string, now: number): { fits: boolean; dropped: number } {
    const bytes = Buffer.byteLength(line)
    if (this.#bucket.left(now) < bytes) {
      this.#dropped += 1
      return { fits: false, dropped: 0 }
    }
    this.#bucket.spend(bytes, now)
    const dropped = this.#dropped
    this.#dropped = 0
    return { fits: true, dropped }
  }
}
