import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** The workspace of that name, made when there is none. Concurrent starts get the same one. */
export const ensureWorkspace = acrossWorkspaces<{ name: string }, { id: number }>(
  (arg) => sql`
    insert into workspace (name) values (${arg.name})
    on conflict (name) do update set name = excluded.name
    returning id`,
)
