import { sql } from 'drizzle-orm/sql/sql'
import type { PolicyStatus } from '../../core/model/policyLife.ts'
import { statement } from '../statement.ts'

/** Moves a version to a status other than active. The caller holds `lockPolicies`. */
export const movePolicy = statement<
  { workspaceId: number; number: number; status: Exclude<PolicyStatus, 'active'>; at: string },
  { number: number }
>(
  (arg) => sql`
    update policy_version
    set status = ${arg.status}::text,
      retired_at = case when ${arg.status}::text = 'retired' then ${arg.at}::timestamptz end
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int
    returning number`,
)
