import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The profile that a profile counts as. */
export const findCanonical = statement<{ workspaceId: number; id: string }, { canonical: string }>(
  (arg) => sql`
    select canonical_id as canonical from profile
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}`,
)
