import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { followUpColumns, type FollowUpView } from './listFollowUps.ts'

export const findFollowUp = statement<
  { workspaceId: number; profileId: string; id: string },
  FollowUpView & { isErased: boolean }
>(
  (arg) => sql`
    select ${followUpColumns},
      exists (select from legal_state l where l.workspace_id = f.workspace_id
        and l.profile_id = f.profile_id and l.erased_at is not null) as "isErased"
    from follow_up f
    where f.workspace_id = ${arg.workspaceId}::int and f.profile_id = ${arg.profileId}::text
      and f.id = ${arg.id}::text`,
)
