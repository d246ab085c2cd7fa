import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Has reactions of a plugin that failed of one of the causes given run again at once, as if for the first time, those
 * that were given up as well: another version runs from now on.
 */
export const reviveReactions = statement<
  { workspaceId: number; plugin: string; errors: readonly string[] },
  never
>(
  (arg) => sql`
    update agenda a set rank = -a.priority, due_at = null, parked = null, attempts = 0
    where a.workspace_id = ${arg.workspaceId}::int and split_part(a.agent, '/', 1) = ${arg.plugin}
      and a.last_error = any(${arg.errors}::text[]) and a.lease_owner is null
      and (a.due_at is not null or a.parked in ('dead', 'halted'))`,
)
