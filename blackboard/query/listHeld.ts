import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { costOf } from './claimProposed.ts'
import type { ActivationRow } from './listActivations.ts'

/** The newest held activations of all profiles, older than `after`. */
export const listHeld = statement<
  { workspaceId: number; after: string | null; limit: number },
  ActivationRow
>(
  (arg) => sql`
    select profile_id as "profileId", id, state, purpose, channel, destination, risk, requires,
      ${costOf} as cost,
      proposer_kind as "proposerKind", proposer_id as "proposerId", decision_id as "decisionId",
      created_at as "createdAt", updated_at as "updatedAt", sent_at as "sentAt"
    from activation a
    where workspace_id = ${arg.workspaceId}::int and state = 'held'
      and (${arg.after}::text is null or id < ${arg.after}::text collate "C")
    order by id desc
    limit ${arg.limit}::int`,
)
