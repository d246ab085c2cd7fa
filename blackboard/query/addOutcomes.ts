import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Adds sums over outcomes, `rows` as JSON with one row for each capability, kind and agent, to what stands, which fades by
 * them: by `keep` for each outcome of the same agent and by `keepUnchosen` for each of another, both in (0, 1]. Each row
 * is read and written under its lock, so what several nodes add at once is all there. Sums of tasks of another shape
 * begin anew. What has faded to nothing is set to 0: Postgres refuses a product that is too small to be told from it.
 */
export const addOutcomes = statement<
  { workspaceId: number; rows: string; keep: number; keepUnchosen: number; at: string },
  never
>(
  (arg) => sql`
    insert into agent_outcome as o
      (workspace_id, capability, kind, agent, outcomes, others, sums, updated_at)
    select ${arg.workspaceId}::int, w.capability, w.kind, w.agent, w.outcomes,
      coalesce((select sum(other.outcomes) from agent_outcome other
        where other.workspace_id = ${arg.workspaceId}::int and other.capability = w.capability
          and other.kind = w.kind and other.agent <> w.agent), 0)::bigint,
      w.sums, ${arg.at}::timestamptz
    from json_to_recordset(${arg.rows}::text::json)
      as w (capability text, kind text, agent text, outcomes bigint, sums float8[])
    order by w.capability, w.kind, w.agent
    on conflict (workspace_id, capability, kind, agent) do update set
      outcomes = o.outcomes + excluded.outcomes,
      others = greatest(o.others, excluded.others),
      sums = case when cardinality(o.sums) = cardinality(excluded.sums) then (
        select array_agg(case when abs(was) < 1e-200 then 0 else faded.share * was end + more order by at)
        from unnest(o.sums, excluded.sums) with ordinality as t (was, more, at),
          (select case when logs.sum < -50 then 0 else exp(logs.sum) end as share
            from (select excluded.outcomes * ln(${arg.keep}::float8)
              + greatest(0, excluded.others - o.others) * ln(${arg.keepUnchosen}::float8) as sum) logs
          ) faded)
        else excluded.sums end,
      updated_at = greatest(o.updated_at, excluded.updated_at)`,
)
