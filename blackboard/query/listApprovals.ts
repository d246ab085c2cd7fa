import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface ApprovalRow {
  profileId: string
  activationId: string
  id: string
  verdict: 'approved' | 'refused'
  reason: string
  principalId: string
  decidedAt: Date
}

/** What persons said to activations, oldest first. `keys` is JSON: [{ profileId, id }]. */
export const listApprovals = statement<{ workspaceId: number; keys: string }, ApprovalRow>(
  (arg) => sql`
    select v.profile_id as "profileId", v.activation_id as "activationId", v.id, v.verdict, v.reason,
      v.principal_id as "principalId", v.decided_at as "decidedAt"
    from json_to_recordset(${arg.keys}::text::json) as wanted ("profileId" text, id text)
    join activation_approval v on v.workspace_id = ${arg.workspaceId}::int
      and v.profile_id = wanted."profileId" and v.activation_id = wanted.id
    order by v.id`,
)
