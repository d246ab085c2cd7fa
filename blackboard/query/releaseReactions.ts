import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Gives claimed reactions back: at once, at a time (`dueAt`), or parked with a reason. One that was woken
 * again while it ran does not wait for its time or for what it needs, and is not dead yet. A free try does not count as an attempt.
 */
export const releaseReactions = statement<
  { workspaceId: number; owner: string; ids: readonly string[]; items: string },
  never
>(
  (arg) => sql`
    update agenda a
    set lease_owner = null, taken = 0, last_error = back.error,
      attempts = case when back.parked = 'dead' and cardinality(a.causes) > a.taken then 0
        else greatest(0, case when back.free then a.attempts - 1 else a.attempts end) end,
      parked = case when back.parked in ('dead', 'stale') and cardinality(a.causes) > a.taken then null
        else back.parked end,
      due_at = case when cardinality(a.causes) = a.taken then back."dueAt" end,
      rank = case
        when back.parked = 'halted' or (back.parked is not null and cardinality(a.causes) = a.taken) then null
        when back."dueAt" is not null and cardinality(a.causes) = a.taken then null
        else -a.priority end
    from json_to_recordset(${arg.items}::text::json) as back
      ("profileId" text, agent text, epoch bigint, "dueAt" timestamptz, parked text, error text, free boolean)
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
      and a.profile_id = back."profileId"
      and a.agent = back.agent and a.lease_owner = ${arg.owner} and a.lease_epoch = back.epoch`,
)
