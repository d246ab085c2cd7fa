import type { JsonObject } from '../../core/model/json.ts'

/** A story that the platform is told step by step; what comes of each is told before the next. */
export interface Scenario {
  title: string
  /** Folders of the plugins that take part, from the root of the repository. */
  plugins: readonly string[]
  /** User ids of whom it is about, in the order in which they are told of. */
  subjects: readonly string[]
  /** Agents in the order in which they are told of: who acts at the same time has no order of their own. */
  cast: readonly string[]
  steps: readonly Step[]
}

export interface Step {
  /** What happens, in a sentence. */
  title: string
  /** Segment calls that tell of it; each gets a message id. */
  calls?: readonly JsonObject[]
  /** What a subject agrees to. */
  grants?: readonly { userId: string; purpose: string; channel: string }[]
  /** A person approves everything that waits for one. */
  approves?: true
}

/** A track call. */
export const track = (userId: string, event: string, properties: JsonObject = {}): JsonObject => ({
  type: 'track',
  userId,
  event,
  properties,
})
