import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** All profiles of a workspace, merged ones too. */
export const countProfiles = statement<{ workspaceId: number }, { count: number }>(
  (arg) =>
    sql`select count(*)::int as count from profile where workspace_id = ${arg.workspaceId}::int`,
)
