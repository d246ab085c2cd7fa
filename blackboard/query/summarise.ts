import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface SummaryRow {
  events: number
  profiles: number
  merged: number
  reactions: { agent: string; count: number }[]
  activations: { state: string; reason: string | null; count: number }[]
}

/** Counts a workspace. Reads every row of it: for a look now and then. */
export const summarise = statement<{ workspaceId: number }, SummaryRow>(
  (arg) => sql`
    select
      (select count(*) from event where workspace_id = ${arg.workspaceId}::int) as events,
      (select count(*) from profile
        where workspace_id = ${arg.workspaceId}::int and canonical_id = id) as profiles,
      (select count(*) from profile
        where workspace_id = ${arg.workspaceId}::int and canonical_id <> id) as merged,
      (select coalesce(json_agg(r order by r.agent), '[]') from (
        select substr(actor, 7) as agent,
          sum(jsonb_array_length(payload::jsonb -> 'reactions'))::int as count
        from audit_entry
        where workspace_id = ${arg.workspaceId}::int and action = 'react'
        group by actor) as r) as reactions,
      (select coalesce(json_agg(a order by a.state, a.count desc, a.reason), '[]') from (
        select state, case when state = 'sent' then null else last_error end as reason,
          count(*)::int as count
        from activation where workspace_id = ${arg.workspaceId}::int
        group by 1, 2) as a) as activations`,
)
