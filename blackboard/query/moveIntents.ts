import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Moves intents that the transaction holds, and notes that who announced them was told. `moves` is JSON. */
export const moveIntents = statement<
  { workspaceId: number; profileIds: readonly string[]; moves: string; at: string },
  { id: string }
>(
  (arg) => sql`
    update intent i
    set state = m.state, due_at = null, activation_id = coalesce(m."activationId", i.activation_id),
      opposes = coalesce(i.opposes, m.opposes), resolved_by = coalesce(m."resolvedBy", i.resolved_by),
      ended_at = case when m.state <> 'conflicted' then coalesce(i.ended_at, ${arg.at}::timestamptz) end
    from json_to_recordset(${arg.moves}::text::json)
      as m (home text, id text, state text, "activationId" text, opposes text, "resolvedBy" text)
    where i.workspace_id = ${arg.workspaceId}::int and i.profile_id = any(${arg.profileIds}::text[])
      and i.profile_id = m.home and i.id = m.id
    returning i.id`,
)
