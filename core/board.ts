import type { Logger } from 'pino'
import type { Database } from '../blackboard/connect.ts'
import type { Clock } from './clock.ts'
import type { Signals } from './signal.ts'
import type { Tracing } from './tracing/tracing.ts'
import type { Vault } from './vault.ts'

/** What every step of the flow and every read works with; made once in main.ts and passed in. */
export interface Board {
  db: Database
  clock: Clock
  vault: Vault
  signals: Signals
  tracing: Tracing
  log: Logger
  /** Build of this engine, recorded with every decision. */
  engine: string
}
