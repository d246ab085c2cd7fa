import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { costOf } from './claimProposed.ts'
import type { ActivationRow } from './listActivations.ts'

/** Activations by key. `keys` is JSON: [{ profileId, id }]. */
export const findActivations = statement<{ workspaceId: number; keys: string }, ActivationRow>(
  (arg) => sql`
    select a.profile_id as "profileId", a.id, a.state, a.purpose, a.channel, a.destination, a.risk,
      a.requires, ${costOf} as cost,
      a.proposer_kind as "proposerKind", a.proposer_id as "proposerId",
      a.decision_id as "decisionId", a.trace, a.created_at as "createdAt", a.updated_at as "updatedAt",
      a.sent_at as "sentAt"
    from json_to_recordset(${arg.keys}::text::json) as wanted ("profileId" text, id text)
    cross join lateral (
      select * from activation
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted."profileId" and id = wanted.id
      offset 0
    ) as a`,
)
