import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What a person said to an activation. */
export const findApproval = statement<
  { workspaceId: number; profileId: string; activationId: string; id: string },
  { id: string; verdict: 'approved' | 'refused'; at: Date }
>(
  (arg) => sql`
    select id, verdict, decided_at as at from activation_approval
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
      and activation_id = ${arg.activationId} and id = ${arg.id}`,
)
