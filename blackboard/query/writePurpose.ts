import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const writePurpose = statement<
  {
    workspaceId: number
    key: string
    description: string
    bases: readonly string[]
    needsGrant: boolean
    ttlDays: number | null
    doubleOptIn: readonly string[]
  },
  never
>(
  (arg) => sql`
    insert into purpose (workspace_id, key, description, bases, needs_grant, ttl_days, double_opt_in)
    values (${arg.workspaceId}::int, ${arg.key}, ${arg.description}, ${arg.bases}::text[],
      ${arg.needsGrant}::boolean, ${arg.ttlDays}::int, ${arg.doubleOptIn}::text[])
    on conflict (workspace_id, key) do update set description = excluded.description,
      bases = excluded.bases, needs_grant = excluded.needs_grant, ttl_days = excluded.ttl_days,
      double_opt_in = excluded.double_opt_in`,
)
