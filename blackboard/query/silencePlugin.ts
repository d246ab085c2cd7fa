import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Ends what a plugin's agents subscribe to, their schedules, and what they were to be told of objectives. What waits for them stays, and is counted. */
export const silencePlugin = statement<{ workspaceId: number; id: string }, { reactions: number }>(
  (arg) => sql`
    with silent as (
      delete from subscription
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    ), unheard as (
      delete from objective_waking
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    ), timeless as (
      delete from schedule
      where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text
    )
    select count(*)::int as reactions from agenda
    where workspace_id = ${arg.workspaceId}::int and split_part(agent, '/', 1) = ${arg.id}::text`,
)
