import type { Sql } from 'postgres'
import type { DispatchDeps } from '../../../core/flow/dispatch/dispatch.ts'
import type { Slateboard } from '../../../core/open.ts'

/** Where races are run: the platform, dispatchers of several nodes, and a receiver of webhooks. */
export interface Arena {
  app: Slateboard
  /** As the owner of the tables, who may add the trigger that watches. */
  sql: Sql
  /** One per node; each has a connection pool of its own where the engine has more than one connection. */
  dispatchers: readonly DispatchDeps[]
  principalId: string
  url: string
  /** Ids of the activations that arrived since the last time it was asked. */
  arrived(): Promise<string[]>
  versions: { last: number }
}

export interface Person {
  nth: number
  user: string
  profileId: string
}

export interface RaceResult {
  races: number
  /** Dispatches that began although what forbids them had committed. Must be 0. */
  leaks: number
  /** Of these, what reached the receiver. */
  leaked: number
  sent: number
  recalled: number
  refused: number
  held: number
}
