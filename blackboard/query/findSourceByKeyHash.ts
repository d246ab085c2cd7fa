import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

export const findSourceByKeyHash = acrossWorkspaces<
  { writeKeyHash: string },
  { workspaceId: number; id: string; name: string; enabled: boolean }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", id, name, enabled
    from source where write_key_hash = ${arg.writeKeyHash}::text`,
)
