import type { ReservedSql, Sql } from 'postgres'
import { fail } from '../core/errors.ts'
import type { Handle, Wire } from './statement.ts'

/** What `slateboard.workspace` says when the platform itself works for all of them. */
export const everywhere = '*'
export const nowhere = ''
export type Scope = number | typeof everywhere | typeof nowhere

/** The role that owns nothing; blackboard/migration/0004_row_level_security.sql makes it. */
export const appRole = 'slateboard_app'

/**
 * Runs one statement as the app's role with the workspace named, so that row-level security shows it the rows
 * of that workspace alone. In a transaction the name is said when it changes. On the pool the statement gets a
 * transaction of its own, sent in one write with its begin and its commit: three messages and one round trip
 * cost profile reads 3% of their throughput, where the driver's own `begin`, which waits for each, cost 22%.
 */
export async function within<Row>(
  handle: Handle,
  scope: Scope,
  text: string,
  params: Wire[],
): Promise<Row[]> {
  if (isPool(handle)) return alone(handle, scope, text, params)
  if (scopes.get(handle) !== scope) {
    // Should it be refused, the transaction is over, and the driver gives this error for the next statement's.
    handle
      .unsafe(naming(scope))
      .simple()
      .execute()
      .catch(() => undefined)
    scopes.set(handle, scope)
  }
  return handle.unsafe<Row[]>(text, params, { prepare: true })
}

/** What each open transaction was told last. A rolled back savepoint would undo it; there are none. */
const scopes = new WeakMap<Handle, Scope>()

const isPool = (handle: Handle): handle is Sql => 'reserve' in handle

function naming(scope: Scope): string {
  if (typeof scope === 'number' && !Number.isSafeInteger(scope)) throw fail('internal')
  return `set local role ${appRole}; set local slateboard.workspace = '${scope}'`
}

async function alone<Row>(pool: Sql, scope: Scope, text: string, params: Wire[]): Promise<Row[]> {
  const connection: ReservedSql = await pool.reserve()
  try {
    const begun = connection
      .unsafe(`begin; ${naming(scope)}`)
      .simple()
      .execute()
    const rows = connection.unsafe<Row[]>(text, params, { prepare: true }).execute()
    const ended = connection.unsafe('commit').simple().execute()
    // All are waited for: a connection goes back to the pool when nothing of this is under way on it.
    await Promise.allSettled([begun, rows, ended])
    await begun
    const result = await rows
    await ended
    return result
  } finally {
    connection.release()
  }
}
