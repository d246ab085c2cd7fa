import { sql } from 'drizzle-orm/sql/sql'
import { outsideWorkspaces } from '../statement.ts'
import { presenceOf } from './takePresence.ts'

/** Whether the very session that asks holds the lock: behind a pooler each statement may be of another one. */
export const askPresence = outsideWorkspaces<{ id: string }, { held: boolean }>(
  (arg) => sql`
    select exists (
      select from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted and objsubid = 1
        and (classid::bigint << 32 | objid::bigint) = ${presenceOf(arg.id)}) as held`,
)
