import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Whether something is left of before a change that could go on: a reaction that waited for its turn or ran then, or,
 * of a policy, an activation that waits for the gate or is due and was decided under another.
 */
export const findUnaligned = statement<
  { workspaceId: number; plugin: string | null; policy: number | null; at: string; now: string },
  { isLeft: boolean }
>(
  (arg) => sql`
    select exists (
      select from agenda a
      join plugin p on p.workspace_id = a.workspace_id and p.id = split_part(a.agent, '/', 1)
        and p.state = 'active'
      where a.workspace_id = ${arg.workspaceId}::int and a.enqueued_at <= ${arg.at}::timestamptz
        and (a.lease_owner is not null or a.rank is not null)
        and (${arg.plugin}::text is null or p.id = ${arg.plugin}::text)
    ) or (${arg.policy}::int is not null and exists (
      select from activation a
      left join decision d on d.workspace_id = a.workspace_id and d.profile_id = a.profile_id
        and d.id = a.decision_id
      where a.workspace_id = ${arg.workspaceId}::int and a.created_at <= ${arg.at}::timestamptz
        and a.state in ('proposed', 'approved') and a.due_at <= ${arg.now}::timestamptz
        and d.policy_number is distinct from ${arg.policy}::int
    )) as "isLeft"`,
)
