import { sql } from 'drizzle-orm/sql/sql'
import type { Check, Outcome } from '../../core/model/decision.ts'
import { statement } from '../statement.ts'

export interface DecidedRow {
  id: string
  activationId: string
  kind: string
  outcome: Outcome
  reason: string
  checks: Check[]
  policyNumber: number | null
  validUntil: Date | null
  decidedAt: Date
  purpose: string
  channel: string
  fields: string[]
  proposer: string
}

/** The next decisions about one profile, oldest first, with what was decided about. */
export const pageDecisions = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  DecidedRow
>(
  (arg) => sql`
    select d.id, d.activation_id as "activationId", d.kind, d.outcome, d.reason, d.checks,
      d.policy_number as "policyNumber", d.valid_until as "validUntil", d.decided_at as "decidedAt",
      a.purpose, a.channel, a.fields, a.proposer_kind || ':' || a.proposer_id as proposer
    from (
      select * from decision
      where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
        and id > ${arg.after}::text collate "C"
      order by id
      limit ${arg.limit}::int
    ) as d
    cross join lateral (
      select * from activation
      where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
        and id = d.activation_id
      offset 0
    ) as a
    order by d.id`,
)
