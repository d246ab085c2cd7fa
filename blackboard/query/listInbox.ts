import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Workspaces whose audit inbox holds something. */
export const listInbox = acrossWorkspaces<object, { workspaceId: number }>(
  () => sql`select distinct workspace_id as "workspaceId" from audit_inbox`,
)
