import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Forgets that identifiers are not a person's, since by a later word they are. The caller holds the profiles. */
export const reownIdentifiers = statement<
  { workspaceId: number; ids: readonly string[]; hashes: readonly string[] },
  { hash: string }
>(
  (arg) => sql`
    delete from disowned
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and hash = any(${arg.hashes}::uuid[])
    returning hash`,
)
