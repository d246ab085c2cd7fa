import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Lets one transaction at a time write a plugin's own state, which is what makes its quota exact. Taken after
 * profiles and reactions. What stands has to be asked in a statement of its own: this one's view is from before.
 */
export const lockPluginState = statement<
  { workspaceId: number; plugin: string },
  { locked: string }
>(
  (arg) => sql`
    select pg_advisory_xact_lock(1886350460,
      hashtext(${arg.workspaceId}::int || ' ' || ${arg.plugin}::text))::text as locked`,
)
