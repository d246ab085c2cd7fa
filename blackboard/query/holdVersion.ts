import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Whether a version of a plugin runs, in service or beside it; if so, it does until the transaction's end. */
export const holdVersion = statement<
  { workspaceId: number; plugin: string; digest: string },
  { runs: boolean }
>(
  // Each row is looked at again once its lock is there, which a look-up within the other one would not be.
  (arg) => sql`
    with whole as (
      select 1 from plugin
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.plugin}::text
        and digest = ${arg.digest}::text
      for share
    ), canary as (
      select 1 from plugin_rollout
      where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text
        and digest = ${arg.digest}::text and state = 'canary'
      for share
    )
    select exists (select from whole) or exists (select from canary) as runs`,
)
