/**
 * A token bucket: what may be spent refills steadily up to a burst. Spending beyond is possible and leaves a
 * debt, which is bounded, so that whoever overspent waits a known time at most.
 */
export class Bucket {
  readonly #burst: number
  readonly #perMs: number
  readonly #debtMax: number
  #level: number
  #at: number

  constructor(limits: { burst: number; perMs: number; debtMax: number }, now: number) {
    this.#burst = limits.burst
    this.#perMs = limits.perMs
    this.#debtMax = limits.debtMax
    this.#level = limits.burst
    this.#at = now
  }

  spend(amount: number, now: number): void {
    this.#level = Math.max(-this.#debtMax, this.#levelAt(now) - amount)
    this.#at = now
  }

  /** What is left; negative when more was spent than there was. */
  left(now: number): number {
    return this.#levelAt(now)
  }

  #levelAt(now: number): number {
    return Math.min(this.#burst, this.#level + Math.max(0, now - this.#at) * this.#perMs)
  }
}
