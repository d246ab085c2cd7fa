import { sql } from 'drizzle-orm/sql/sql'
import type { Check, Outcome } from '../../core/model/decision.ts'
import type { JsonObject } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** Decisions by key. `keys` is JSON: [{ profileId, id }]. */
export const findDecisions = statement<
  { workspaceId: number; keys: string },
  {
    profileId: string
    id: string
    activationId: string
    kind: 'plan' | 'dispatch'
    outcome: Outcome
    reason: string
    checks: Check[]
    policyNumber: number | null
    obligations: JsonObject
    validUntil: Date | null
    decidedAt: Date
  }
>(
  (arg) => sql`
    select d.profile_id as "profileId", d.id, d.activation_id as "activationId", d.kind, d.outcome,
      d.reason, d.checks, d.policy_number as "policyNumber", d.obligations, d.valid_until as "validUntil",
      d.decided_at as "decidedAt"
    from json_to_recordset(${arg.keys}::text::json) as wanted ("profileId" text, id text)
    cross join lateral (
      select * from decision
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted."profileId" and id = wanted.id
      offset 0
    ) as d`,
)
