import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** What purposes are for, in words. */
export const listAims = statement<
  { workspaceId: number; keys: readonly string[] },
  { key: string; description: string }
>(
  (arg) => sql`
    select key, description from purpose
    where workspace_id = ${arg.workspaceId}::int and key = any(${arg.keys}::text[])`,
)
