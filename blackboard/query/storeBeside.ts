import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { insertVersion, type VersionArgs } from './storePlugin.ts'

/** Stores a version that is tried beside the one in service. If it waited for approval, it does not any more. */
export const storeBeside = statement<VersionArgs, never>(
  (arg) => sql`
    with stored as (
      ${insertVersion(arg)}
    )
    update plugin set candidate_digest = null, candidate_by = null, candidate_at = null,
      candidate_share = null, updated_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id} and candidate_digest = ${arg.digest}`,
)
