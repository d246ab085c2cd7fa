import { sql } from 'drizzle-orm/sql/sql'
import type { Role } from '../../core/model/principal.ts'
import { statement } from '../statement.ts'

/** A principal by id, unless it was revoked. */
export const findPrincipal = statement<
  { workspaceId: number; id: string },
  { workspaceId: number; id: string; name: string; role: Role; purposes: string[] }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", id, name, role, purposes
    from principal
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text and revoked_at is null`,
)
