import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/**
 * Frees tasks that nobody does: of workers whose lease has run out, and of this one, which does none when it asks. The
 * attempt counts, since nobody knows how far it came.
 */
export const freeTasks = acrossWorkspaces<{ owner: string; now: string }, { id: string }>(
  (arg) => sql`
    update task t
    set state = 'ready', lease_owner = null, due_at = ${arg.now}::timestamptz
    where t.state = 'running' and (t.lease_owner = ${arg.owner} or not exists (
      select from worker w where w.id = t.lease_owner and w.lease_expires_at >= clock_timestamp()))
    returning t.id`,
)
