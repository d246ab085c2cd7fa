import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Takes the values out of changes; what stands in the vault under `change/<id>` is all that is left of them. */
export const sealChanges = statement<
  { workspaceId: number; profileIds: readonly string[]; ids: readonly string[] },
  never
>(
  (arg) => sql`
    update change set value = null
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
      and id = any(${arg.ids}::text[])`,
)
