import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Notes whether a version gives somebody more than the version it would replace; proposes a draft by it. */
export const judgePolicy = statement<
  { workspaceId: number; number: number; widens: boolean; comparedWith: number | null; at: string },
  { number: number }
>(
  (arg) => sql`
    update policy_version
    set status = case when status = 'draft' then 'proposed' else status end,
      proposed_at = coalesce(proposed_at, ${arg.at}::timestamptz),
      widens = ${arg.widens}::boolean, compared_with = ${arg.comparedWith}::int
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int
    returning number`,
)
