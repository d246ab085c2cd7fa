import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Writes down which version came into force, in the transaction that does it. */
export const insertPolicyEnactment = statement<
  {
    workspaceId: number
    id: string
    number: number
    replaced: number | null
    kind: 'activation' | 'break_glass' | 'rollback' | 'fallback'
    actor: string
    reason: string | null
    at: string
  },
  { id: string }
>(
  (arg) => sql`
    insert into policy_enactment (workspace_id, id, number, replaced, kind, actor, reason, enacted_at)
    values (${arg.workspaceId}::int, ${arg.id}::text, ${arg.number}::int, ${arg.replaced}::int,
      ${arg.kind}::text, ${arg.actor}::text, ${arg.reason}::text, ${arg.at}::timestamptz)
    returning id`,
)
