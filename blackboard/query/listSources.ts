import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const listSources = statement<
  { workspaceId: number },
  { id: string; name: string; enabled: boolean; createdAt: Date }
>(
  (arg) => sql`
    select id, name, enabled, created_at as "createdAt"
    from source where workspace_id = ${arg.workspaceId}::int
    order by id`,
)
