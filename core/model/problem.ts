/** One thing wrong with what somebody wrote: where, what stands there, why it cannot stay, what to write instead. */
export interface Problem {
  /** Keys and positions from the top, joined by dots: `rules.3.when.traits.country`. */
  readonly path: string
  /** What stands there as JSON, shortened and with hidden characters escaped; `missing` for nothing. */
  readonly value: string
  readonly reason: string
  readonly remedy: string
  readonly severity: 'error'
}
