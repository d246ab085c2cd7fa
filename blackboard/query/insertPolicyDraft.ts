import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Stores a draft under the next number; the caller holds `lockPolicies`. */
export const insertPolicyDraft = statement<
  {
    workspaceId: number
    title: string
    document: string
    hash: string
    author: string
    reason: string
    at: string
  },
  { number: number }
>(
  (arg) => sql`
    insert into policy_version (workspace_id, number, status, title, document, document_sha256, author,
      reason, created_at)
    select ${arg.workspaceId}::int, coalesce(max(number), 0) + 1, 'draft', ${arg.title}::text,
      ${arg.document}::text::jsonb, ${arg.hash}::text, ${arg.author}::text, ${arg.reason}::text,
      ${arg.at}::timestamptz
    from policy_version where workspace_id = ${arg.workspaceId}::int
    returning number`,
)
