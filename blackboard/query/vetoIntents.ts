import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Vetoes intents of persons whose canonical profiles the transaction holds: such as are open and of a kind that the agent
 * may veto, and not its own. `vetoes` is JSON.
 */
export const vetoIntents = statement<
  {
    workspaceId: number
    profileIds: readonly string[]
    agent: string
    kinds: readonly string[]
    vetoes: string
    at: string
  },
  { id: string }
>(
  (arg) => sql`
    update intent i
    set state = 'vetoed', vetoed_by = ${arg.agent}::text, veto_reason = v.reason,
      ended_at = ${arg.at}::timestamptz, due_at = ${arg.at}::timestamptz
    from json_to_recordset(${arg.vetoes}::text::json) as v ("profileId" text, intent text, reason text)
    join profile p on p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = any(${arg.profileIds}::text[])
      and p.canonical_id = v."profileId"
    where i.workspace_id = ${arg.workspaceId}::int and i.profile_id = p.id and i.id = v.intent
      and i.state = 'open' and i.closes_at > ${arg.at}::timestamptz and i.kind = any(${arg.kinds}::text[])
      and i.agent <> ${arg.agent}::text
    returning i.id`,
)
