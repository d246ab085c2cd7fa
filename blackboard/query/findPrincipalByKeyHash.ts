import { sql } from 'drizzle-orm/sql/sql'
import type { Role } from '../../core/model/principal.ts'
import { acrossWorkspaces } from '../statement.ts'

/** The principal that holds a key and was not revoked. */
export const findPrincipalByKeyHash = acrossWorkspaces<
  { keyHash: string },
  { workspaceId: number; id: string; name: string; role: Role; purposes: string[]; keyHash: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", id, name, role, purposes, key_hash as "keyHash"
    from principal
    where key_hash = ${arg.keyHash}::text and revoked_at is null`,
)
