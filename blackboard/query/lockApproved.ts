import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { costOf, type GateRow } from './claimProposed.ts'

export interface ApprovedRow extends GateRow {
  decisionId: string
  legalVersion: number
  policyNumber: number | null
  profileRevision: number
  /** As JSON; decisions of before have fewer. */
  obligations: { mask?: string[]; hash?: string[]; notBefore?: string | null }
  validUntil: Date | null
}

/** Locks activations that are still approved, with the decision that approved them. */
export const lockApproved = statement<
  { workspaceId: number; profileIds: readonly string[]; ids: readonly string[] },
  ApprovedRow
>(
  (arg) => sql`
    select a.workspace_id as "workspaceId", a.profile_id as "profileId", a.id,
      a.proposer_kind as "proposerKind", a.proposer_id as "proposerId", a.purpose, a.channel,
      a.destination, a.content, a.fields, a.requires, a.risk, a.trace, a.attempts, ${costOf} as cost, a.decision_id as "decisionId",
      a.legal_version as "legalVersion", d.policy_number as "policyNumber",
      d.profile_revision as "profileRevision", d.obligations, d.valid_until as "validUntil",
      (select p.name from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id and p.revoked_at is null) as name,
      (select jsonb_build_object('id', v.id, 'verdict', v.verdict, 'at', v.decided_at)
        from activation_approval v
        where v.workspace_id = a.workspace_id and v.profile_id = a.profile_id
          and v.activation_id = a.id order by v.id desc limit 1) as approval,
      (select p.role from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id and p.revoked_at is null) as role
    from activation a
    cross join lateral (
      select policy_number, profile_revision, obligations, valid_until from decision
      where workspace_id = a.workspace_id and profile_id = a.profile_id and id = a.decision_id
      offset 0
    ) as d
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.profileIds}::text[])
      and a.id = any(${arg.ids}::text[]) and a.state = 'approved'
    order by a.profile_id, a.id
    for update of a skip locked`,
)
