import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Gives no row when the approver has approved the version before. */
export const insertPolicyApproval = statement<
  {
    workspaceId: number
    number: number
    approver: string
    author: string
    at: string
    comment: string | null
  },
  { number: number }
>(
  (arg) => sql`
    insert into policy_approval (workspace_id, number, approver, author, approved_at, comment)
    values (${arg.workspaceId}::int, ${arg.number}::int, ${arg.approver}::text, ${arg.author}::text,
      ${arg.at}::timestamptz, ${arg.comment}::text)
    on conflict do nothing
    returning number`,
)
