import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Where a grant waits that a token confirms; the token itself says neither whose nor where. */
export const findPending = acrossWorkspaces<
  { tokenHash: string },
  { workspaceId: number; profileId: string }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", profile_id as "profileId"
    from consent_pending where token_hash = ${arg.tokenHash}`,
)
