import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Keeps what decisions have in common, once for each content. */
export const keepSetting = statement<
  { workspaceId: number; hash: string; content: string; at: string },
  never
>(
  (arg) => sql`
    insert into decision_setting (workspace_id, hash, content, at)
    values (${arg.workspaceId}::int, ${arg.hash}, ${arg.content}::text::jsonb, ${arg.at}::timestamptz)
    on conflict do nothing`,
)
