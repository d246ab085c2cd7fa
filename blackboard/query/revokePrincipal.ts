import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Ends a principal's key; returns nothing when there is none or it has ended already. */
export const revokePrincipal = statement<
  { workspaceId: number; id: string; at: string },
  { id: string; revokedAt: Date }
>(
  (arg) => sql`
    update principal set revoked_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text and revoked_at is null
    returning id, revoked_at as "revokedAt"`,
)
