import { sql } from 'drizzle-orm/sql/sql'
import type { Check, Outcome } from '../../core/model/decision.ts'
import { statement } from '../statement.ts'
import { costOf, type GateRow } from './claimProposed.ts'

/** An activation with what the gate last decided of it. */
export interface DecidedRow extends GateRow {
  decisionId: string
  outcome: Outcome
  checks: Check[]
  decidedAt: Date
}

/** `keys` is JSON: [{ profileId, id }]. */
export const loadDecided = statement<{ workspaceId: number; keys: string }, DecidedRow>(
  (arg) => sql`
    select a.workspace_id as "workspaceId", a.profile_id as "profileId", a.id,
      a.proposer_kind as "proposerKind", a.proposer_id as "proposerId", a.purpose, a.channel,
      a.destination, a.content, a.fields, a.requires, a.risk, a.attempts, ${costOf} as cost,
      (select jsonb_build_object('id', v.id, 'verdict', v.verdict, 'at', v.decided_at)
        from activation_approval v
        where v.workspace_id = a.workspace_id and v.profile_id = a.profile_id
          and v.activation_id = a.id order by v.id desc limit 1) as approval,
      (select p.role from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id and p.revoked_at is null) as role,
      d.id as "decisionId", d.outcome, d.checks,
      d.decided_at as "decidedAt"
    from json_to_recordset(${arg.keys}::text::json) as wanted ("profileId" text, id text)
    cross join lateral (
      select * from activation
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted."profileId" and id = wanted.id
      offset 0
    ) as a
    cross join lateral (
      select * from decision
      where workspace_id = ${arg.workspaceId}::int and profile_id = a.profile_id and id = a.decision_id
      offset 0
    ) as d`,
)
