import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Moves activations that the transaction has locked, or whose lease the caller holds, to their next state.
 * With `holder` given only those it dispatches move: another took over what it was too slow for. Each is looked up by
 * its key, in key order: `any(array[…])` of a move's own columns leaves Postgres no other way, where `=` lets it
 * compare every move with all that a person was ever sent.
 */
export const moveActivations = statement<
  { workspaceId: number; moves: string; holder: string | null; at: string },
  { id: string }
>(
  (arg) => sql`
    update activation a
    set state = move.state, decision_id = coalesce(move."decisionId", a.decision_id),
      legal_version = coalesce(move."legalVersion", a.legal_version), lease_owner = move."leaseOwner",
      last_error = move.error, attempts = a.attempts + coalesce(move.tries, 0),
      sent_as = case when move."sentAs" is null or move."sentAs" = any(a.sent_as) then a.sent_as
        else a.sent_as || move."sentAs" end,
      due_at = coalesce(move."dueAt", a.due_at), updated_at = ${arg.at}::timestamptz,
      sent_at = case when move.state = 'sent' then ${arg.at}::timestamptz else a.sent_at end
    from (
      select ${arg.workspaceId}::int as workspace, *
      from json_to_recordset(${arg.moves}::text::json) as each ("profileId" text, id text, state text,
        "decisionId" text, "legalVersion" bigint, "leaseOwner" text, error text, tries int,
        "dueAt" timestamptz, "sentAs" text)
      order by "profileId", id
    ) as move
    where a.workspace_id = any(array[move.workspace]) and a.profile_id = any(array[move."profileId"])
      and a.id = any(array[move.id])
      and case when ${arg.holder}::text is null then true
        else a.state = 'dispatching' and a.lease_owner = ${arg.holder} end
    returning a.id`,
)
