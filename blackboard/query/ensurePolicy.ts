import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Makes a document the first and active policy version of a workspace that has none. */
export const ensurePolicy = statement<
  {
    workspaceId: number
    title: string
    document: string
    hash: string
    reason: string
    at: string
  },
  { number: number }
>(
  (arg) => sql`
    insert into policy_version (workspace_id, number, status, title, document, document_sha256, author,
      reason, created_at, activated_at)
    select ${arg.workspaceId}::int, 1, 'active', ${arg.title}, ${arg.document}::text::jsonb, ${arg.hash},
      'system', ${arg.reason}, ${arg.at}::timestamptz, ${arg.at}::timestamptz
    where not exists (select from policy_version where workspace_id = ${arg.workspaceId}::int)
    on conflict do nothing
    returning number`,
)
