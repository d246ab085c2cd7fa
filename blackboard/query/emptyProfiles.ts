import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Leaves of profiles the shell that decisions, receipts and the audit log go on naming. The caller holds them.
 */
export const emptyProfiles = statement<
  { workspaceId: number; ids: readonly string[]; at: string },
  { id: string }
>(
  (arg) => sql`
    update profile
    set traits = '{}', provenance = '{}', revision = revision + 1,
      updated_at = ${arg.at}::timestamptz, erased_at = ${arg.at}::timestamptz, disowned_at = null
    where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
    returning id`,
)
