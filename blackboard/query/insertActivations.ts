import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Puts proposed activations before the gate, and returns those of persons who were not erased. The legal states,
 * which exist, are held in share mode for it: an erasure comes wholly before, or finds what is put down here.
 */
export const insertActivations = statement<
  { workspaceId: number; activations: string; at: string },
  { id: string }
>(
  (arg) => sql`
    with new as (
      select * from json_to_recordset(${arg.activations}::text::json) as new ("profileId" text, id text,
        "proposerKind" text, "proposerId" text, purpose text, channel text, destination text,
        content jsonb, fields jsonb, requires jsonb, risk double precision, cost jsonb, cause text, trace text)
    ), standing as materialized (
      select profile_id from legal_state
      where workspace_id = ${arg.workspaceId}::int
        and profile_id = any(array(select "profileId" from new)) and erased_at is null
      order by profile_id
      for share
    )
    insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
      destination, content, fields, requires, risk, budget, cost, cause, trace, state, due_at, created_at, updated_at)
    select ${arg.workspaceId}::int, "profileId", id, "proposerKind", "proposerId", purpose, channel,
      destination, content, array(select jsonb_array_elements_text(fields)),
      array(select jsonb_array_elements_text(coalesce(requires, '[]'))), risk, cost ->> 'budget',
      (cost ->> 'amount')::bigint, cause, trace, 'proposed',
      ${arg.at}::timestamptz, ${arg.at}::timestamptz, ${arg.at}::timestamptz
    from new join standing on standing.profile_id = new."profileId"
    returning id`,
)
