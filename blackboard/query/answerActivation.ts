import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Writes down what a person says to a held activation, and puts it before the gate again. No row when it is not held
 * any more, or when who approves is who proposed it.
 */
export const answerActivation = statement<
  {
    workspaceId: number
    profileId: string
    activationId: string
    id: string
    verdict: 'approved' | 'refused'
    reason: string
    principalId: string
    at: string
  },
  { purpose: string; channel: string }
>(
  (arg) => sql`
    with held as (
      select purpose, channel from activation
      where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}::text
        and id = ${arg.activationId}::text and state = 'held'
        and not (${arg.verdict}::text = 'approved' and proposer_kind = 'principal'
          and proposer_id = ${arg.principalId}::text)
      for update
    ), said as (
      insert into activation_approval (workspace_id, profile_id, activation_id, id, verdict, reason,
        principal_id, decided_at)
      select ${arg.workspaceId}::int, ${arg.profileId}::text, ${arg.activationId}::text, ${arg.id}::text,
        ${arg.verdict}::text, ${arg.reason}::text, ${arg.principalId}::text, ${arg.at}::timestamptz
      from held
    ), freed as (
      update activation a set state = 'proposed', due_at = ${arg.at}::timestamptz
      from held
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = ${arg.profileId}::text
        and a.id = ${arg.activationId}::text
    )
    select purpose, channel from held`,
)
