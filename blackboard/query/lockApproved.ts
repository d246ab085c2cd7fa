import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'
import type { GateRow } from './claimProposed.ts'

export interface ApprovedRow extends GateRow {
  decisionId: string
  legalVersion: number
  policyNumber: number | null
  validUntil: Date | null
}

/** Locks activations that are still approved, with the decision that approved them. */
export const lockApproved = statement<{ workspaceId: number; ids: string }, ApprovedRow>(
  (arg) => sql`
    select a.workspace_id as "workspaceId", a.profile_id as "profileId", a.id,
      a.proposer_kind as "proposerKind", a.proposer_id as "proposerId", a.purpose, a.channel,
      a.destination, a.content, a.fields, a.attempts, a.decision_id as "decisionId",
      a.legal_version as "legalVersion", d.policy_number as "policyNumber",
      d.valid_until as "validUntil",
      (select p.role from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id and p.revoked_at is null) as role
    from json_to_recordset(${arg.ids}::text::json) as wanted ("profileId" text, id text)
    join activation a on a.workspace_id = ${arg.workspaceId}::int and a.profile_id = wanted."profileId"
      and a.id = wanted.id
    join decision d on d.workspace_id = a.workspace_id and d.profile_id = a.profile_id
      and d.id = a.decision_id
    where a.state = 'approved'
    order by a.profile_id, a.id
    for update of a skip locked`,
)
