/**
 * Tells the others at once when this process is gone: a lock of one of its database sessions falls with the process,
 * and who sweeps finds it free. The lease stays the truth. Where the lock says nothing, behind a pooler or on the
 * embedded engine, the lease runs out by itself; where it falls too early, its holder commits nothing any more and
 * claims anew.
 */
import type { ReservedSql } from 'postgres'
import { askPresence } from '../../../blackboard/query/askPresence.ts'
import { notePresence } from '../../../blackboard/query/notePresence.ts'
import { takePresence } from '../../../blackboard/query/takePresence.ts'
import type { Board } from '../../board.ts'
import { trouble } from '../../trouble.ts'

/** It keeps one connection for itself; a pool that has fewer cannot spare it. */
const connectionsMin = 4

export class Presence implements Disposable {
  readonly #board: Pick<Board, 'db' | 'log'>
  readonly #id: string
  #session: ReservedSql | undefined
  #isPossible: boolean

  constructor(board: Pick<Board, 'db' | 'log'>, id: string) {
    this.#board = board
    this.#id = id
    this.#isPossible = board.db.maxConnections >= connectionsMin
  }

  /** Takes the lock, or makes sure that it is still there. To be called as often as the lease is renewed. */
  async keep(): Promise<void> {
    if (!this.#isPossible) return
    const { db, log } = this.#board
    const id = this.#id
    try {
      if (!this.#session) {
        this.#session = await db.sql.reserve()
        await takePresence(this.#session, { id })
      }
      const [answer] = await askPresence(this.#session, { id })
      const isPresent = answer?.held === true
      await notePresence(db.sql, { id, isPresent })
      if (isPresent) return
      log.info('sessions are shared by a pooler: a process that ends is noticed by its lease only')
      this.#isPossible = false
    } catch (thrown) {
      log.warn(
        trouble(thrown),
        'the session that tells of this process was lost and is opened anew',
      )
    }
    this.#leave()
  }

  #leave(): void {
    this.#session?.release()
    this.#session = undefined
  }

  [Symbol.dispose](): void {
    this.#isPossible = false
    this.#leave()
  }
}
