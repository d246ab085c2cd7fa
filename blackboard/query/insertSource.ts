import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const insertSource = statement<
  { workspaceId: number; id: string; name: string; writeKeyHash: string; at: string },
  never
>(
  (arg) => sql`
    insert into source (workspace_id, id, name, write_key_hash, created_at)
    values (${arg.workspaceId}::int, ${arg.id}::text, ${arg.name}::text,
      ${arg.writeKeyHash}::text, ${arg.at}::timestamptz)`,
)
