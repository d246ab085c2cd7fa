import type { TransactionSql } from 'postgres'
import type { DispatchDeps } from '../../../core/flow/dispatch/dispatch.ts'

/** The locks on which a dispatch and what forbids it meet, and the same statements without them. */
const guards: readonly [guard: string, nothing: string][] = [
  ['for share of l', ''],
  ['pg_advisory_xact_lock_shared(1886350458, $1::int)', '$1::int'],
]

/** The same dispatcher with these locks taken away: what watches must then find leaks, or it sees nothing. */
export function unguarded(deps: DispatchDeps): DispatchDeps {
  const { board } = deps
  const sql = new Proxy(board.db.sql, {
    get: (pool, name) =>
      name === 'begin'
        ? (options: string, work: (tx: TransactionSql) => Promise<unknown>) =>
            pool.begin(options, (tx) => work(loose(tx)))
        : Reflect.get(pool, name),
  })
  return { ...deps, board: { ...board, db: { ...board.db, sql } } }
}

const loose = (tx: TransactionSql): TransactionSql =>
  new Proxy(tx, {
    get: (target, name) =>
      name === 'unsafe'
        ? (text: string, ...rest: []) =>
            target.unsafe(
              guards.reduce((left, [guard, nothing]) => left.replace(guard, nothing), text),
              ...rest,
            )
        : Reflect.get(target, name),
  })
