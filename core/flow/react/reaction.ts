import type { RunnableAgent } from '../../host/registry.ts'

export type { RunnableAgent }

/** Which agents run on this node. */
export interface Crew {
  all(): readonly RunnableAgent[]
  find(workspaceId: number, name: string): RunnableAgent | undefined
}

/** A claimed row of the agenda. */
export interface Claimed {
  profileId: string
  epoch: number
  causes: readonly string[]
  hop: number
  attempts: number
}

/** What a reaction read, and what must still hold when it commits. */
export interface Premise {
  /** Revision per trait that stood, as the containment test takes it. */
  read: Record<string, { revision: number }>
  absent: string[]
  legalVersion: number
}
