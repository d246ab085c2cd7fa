/** How a selector learns and forgets. */
export interface SelectorSettings {
  /** What is left of an outcome after one more of the same agent and kind, in (0, 1]; 0.997 is a memory of 330. */
  keep: number
  /** What is left of it after one of another agent: who was not chosen for long is doubted again. */
  keepUnchosen: number
  /** Standard deviation of an average task's true reward about the efficiency that was declared. */
  doubt: number
  /** Standard deviation of the weight of each number of the context. */
  spread: number
  /** Standard deviation of a reward about its mean before anything was seen, and for how many outcomes that counts. */
  noise: number
  noiseWorth: number
}

/** Chosen on the bench's generator with seeds 101 to 105; `npm run bench -- selection` reports others. */
export const selectorSettings = {
  keep: 0.997,
  keepUnchosen: 0.9995,
  doubt: 0.25,
  spread: 0.08,
  noise: 0.15,
  noiseWorth: 20,
} as const satisfies SelectorSettings
