import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Puts snoozed and backed-off reactions whose time has come back into the order. */
export const armReactions = acrossWorkspaces<{ now: string; limit: number }, { agent: string }>(
  (arg) => sql`
    with due as (
      select ctid from agenda
      where due_at <= ${arg.now}::timestamptz
      order by due_at limit ${arg.limit}::int
      for update skip locked
    )
    update agenda a set rank = -a.priority, due_at = null
    where a.ctid = any(array(select ctid from due))
    returning a.agent`,
)
