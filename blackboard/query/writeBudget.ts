import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Sets a budget, or what an existing one of that unit may come to. Nothing where the unit differs, or more than the cap
 * is spent already.
 */
export const writeBudget = statement<
  {
    workspaceId: number
    name: string
    unit: string
    cap: number
    endsAt: string | null
    at: string
  },
  { name: string }
>(
  (arg) => sql`
    insert into budget as b (workspace_id, name, unit, cap, ends_at, updated_at)
    values (${arg.workspaceId}::int, ${arg.name}::text, ${arg.unit}::text, ${arg.cap}::bigint,
      ${arg.endsAt}::timestamptz, ${arg.at}::timestamptz)
    on conflict (workspace_id, name) do update
    set cap = excluded.cap, ends_at = excluded.ends_at, updated_at = excluded.updated_at
    where b.unit = excluded.unit and b.spent <= excluded.cap
    returning b.name`,
)
