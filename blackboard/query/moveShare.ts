import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Sets the share of a plugin's canary and gives the one before; nothing where no canary runs. */
export const moveShare = statement<
  { workspaceId: number; plugin: string; share: number },
  { digest: string; before: number }
>(
  (arg) => sql`
    with canary as (
      select id, share from plugin_rollout
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text and state = 'canary'
      for update
    )
    update plugin_rollout r set share = ${arg.share}::smallint
    from canary
    where r.workspace_id = ${arg.workspaceId}::int and r.plugin_id = ${arg.plugin}::text and r.id = canary.id
    returning r.digest, canary.share as before`,
)
