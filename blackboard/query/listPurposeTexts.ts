import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What purposes are for, in words for people. */
export const listPurposeTexts = statement<
  { workspaceId: number },
  { key: string; description: string; bases: string[]; needsGrant: boolean }
>(
  (arg) => sql`
    select key, description, bases, needs_grant as "needsGrant" from purpose
    where workspace_id = ${arg.workspaceId}::int order by key`,
)
