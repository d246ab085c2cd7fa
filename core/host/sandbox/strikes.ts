/** Hangs, memory bombs and killed cells of a plugin, as far as they are remembered. */
import type { BatchResult } from '../engine.ts'

const rememberedMs = 600_000
/** From here on a plugin is kept apart from the others. */
export const strikesMax = 3

export class Strikes {
  readonly #at = new Map<string, number[]>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  note(key: string, { outcomes }: BatchResult): void {
    const guilty = outcomes.filter(
      (outcome) => 'stopped' in outcome && outcome.stopped !== 'plugin_not_run',
    ).length
    if (guilty === 0) return
    const times = [...this.#recent(key), ...Array.from({ length: guilty }, this.#now)]
    this.#at.set(key, times.slice(-strikesMax))
  }

  isSuspect(key: string): boolean {
    return this.#recent(key).length >= strikesMax
  }

  forget(key: string): void {
    this.#at.delete(key)
  }

  #recent(key: string): number[] {
    const from = this.#now() - rememberedMs
    return (this.#at.get(key) ?? []).filter((at) => at > from)
  }
}
