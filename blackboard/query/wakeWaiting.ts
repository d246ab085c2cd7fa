import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Reactions of a plugin that wait for the reason given run at once: it may be gone. */
export const wakeWaiting = statement<{ workspaceId: number; plugin: string; error: string }, never>(
  (arg) => sql`
    update agenda a set rank = -a.priority, due_at = null
    where a.workspace_id = ${arg.workspaceId}::int and split_part(a.agent, '/', 1) = ${arg.plugin}
      and a.last_error = ${arg.error} and a.due_at is not null`,
)
