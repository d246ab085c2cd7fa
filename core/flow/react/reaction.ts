import type { RunnableAgent } from '../../host/registry.ts'
import type { Trace } from '../../model/trace.ts'
import type { StatePremise } from './keep.ts'

export type { RunnableAgent }

/** Which agents run on this node. */
export interface Crew {
  all(): readonly RunnableAgent[]
  /** Points of priority that it has more than by itself; nobody has any when left out. */
  weightOf?(agent: RunnableAgent): number
  /** The agent as the profile has it: while a version is tried on some of them, two run beside each other. */
  find(workspaceId: number, name: string, profileId?: string): RunnableAgent | undefined
}

/** A claimed row of the agenda. */
export interface Claimed {
  profileId: string
  epoch: number
  causes: readonly string[]
  /** The reaction's own, where it is traced: what it leads to is part of it. */
  trace?: Trace | undefined
  hop: number
  /** The agents whose writes led here, oldest first, separated by spaces. */
  trail: string
  attempts: number
  /** All that the agent waits for has come; false where its time was over before. */
  isWhole: boolean
}

/** What a reaction read, and what must still hold when it commits. */
export interface Premise {
  /** Revision per trait that stood, as the containment test takes it. */
  read: Record<string, { revision: number }>
  absent: string[]
  legalVersion: number
  /** Of what the plugin remembers; absent where it is handed nothing of it. */
  state?: StatePremise
}
