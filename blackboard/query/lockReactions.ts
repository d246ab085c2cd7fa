import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Locks the reactions whose lease and epoch are still the caller's, and tells which of those given they are, counted
 * from 1; what is missing was lost to another. They are locked in the order given: that of their profiles, then of
 * their agents, or two who do so wait for each other.
 */
export const lockReactions = statement<
  {
    workspaceId: number
    owner: string
    ids: readonly string[]
    agents: readonly string[]
    epochs: readonly number[]
  },
  { nth: number }
>(
  (arg) => sql`
    select held.nth
    from unnest(${arg.ids}::text[], ${arg.agents}::text[], ${arg.epochs}::bigint[])
      with ordinality as held (id, agent, epoch, nth)
    -- A lock keeps this a look-up per reaction, whatever the planner thinks of the table.
    cross join lateral (
      select from agenda a
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = held.id and a.agent = held.agent
        and a.lease_owner = ${arg.owner} and a.lease_epoch = held.epoch
      for update) as mine`,
)
