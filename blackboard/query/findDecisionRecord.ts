import { sql } from 'drizzle-orm/sql/sql'
import type { Cost } from '../../core/model/budget.ts'
import type { Check, Outcome } from '../../core/model/decision.ts'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'
import { costOf } from './claimProposed.ts'

/** A decision with what was asked for, and what it was made from. */
export interface DecisionRecord {
  profileId: string
  id: string
  activationId: string
  outcome: Outcome
  reason: string
  checks: Check[]
  policyNumber: number | null
  policyHash: string | null
  engine: string
  obligations: Json
  validUntil: Date | null
  decidedAt: Date
  /** Null for decisions recorded before inputs were kept, and where the person was erased. */
  inputs: Json | null
  isErased: boolean
  purpose: string
  channel: string
  destination: string | null
  fields: string[]
  requires: string[]
  risk: number | null
  cost: Cost | null
  contentKeys: string[]
  proposerKind: 'agent' | 'principal'
  proposerId: string
  /** Of the proposing principal, whether or not it was revoked since. */
  name: string | null
}

export const findDecisionRecord = statement<
  { workspaceId: number; profileId: string; id: string },
  DecisionRecord
>(
  (arg) => sql`
    select d.profile_id as "profileId", d.id, d.activation_id as "activationId", d.outcome, d.reason,
      d.checks, d.policy_number as "policyNumber", d.policy_hash as "policyHash", d.engine,
      d.obligations, d.valid_until as "validUntil", d.decided_at as "decidedAt", d.inputs,
      exists (select from legal_state l where l.workspace_id = d.workspace_id
        and l.profile_id = d.profile_id and l.erased_at is not null) as "isErased",
      a.purpose, a.channel, a.destination, a.fields, a.requires, a.risk, ${costOf} as cost,
      array(select jsonb_object_keys(a.content)) as "contentKeys",
      a.proposer_kind as "proposerKind", a.proposer_id as "proposerId",
      (select p.name from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id) as name
    from decision d
    join activation a on a.workspace_id = d.workspace_id and a.profile_id = d.profile_id
      and a.id = d.activation_id
    where d.workspace_id = ${arg.workspaceId}::int and d.profile_id = ${arg.profileId}
      and d.id = ${arg.id}`,
)
