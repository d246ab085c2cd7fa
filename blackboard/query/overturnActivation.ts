import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * A person disagrees with what was decided about an activation: what waits to leave is recalled, and what was
 * refused goes before the gate again. No row when it has left already, or ended otherwise. The caller holds the
 * profile and its legal state.
 */
export const overturnActivation = statement<
  { workspaceId: number; profileId: string; id: string; decisionId: string; at: string },
  { state: 'recalled' | 'proposed' }
>(
  (arg) => sql`
    update activation
    set state = case state when 'refused' then 'proposed' else 'recalled' end,
      last_error = case state when 'refused' then null else 'review_overturned' end,
      due_at = ${arg.at}::timestamptz, updated_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId} and id = ${arg.id}
      and decision_id = ${arg.decisionId} and state in ('proposed', 'held', 'approved', 'refused')
    returning state`,
)
