import { sql } from 'drizzle-orm/sql/sql'
import type { ActivationState } from '../../core/model/activation.ts'
import type { Check } from '../../core/model/decision.ts'
import { statement } from '../statement.ts'

/** Where an activation stands, who proposed it, and what the gate last found. */
export const findHeld = statement<
  { workspaceId: number; profileId: string; id: string },
  { state: ActivationState; proposerKind: string; proposerId: string; checks: Check[] }
>(
  (arg) => sql`
    select a.state, a.proposer_kind as "proposerKind", a.proposer_id as "proposerId",
      coalesce((select checks from decision
        where workspace_id = a.workspace_id and profile_id = a.profile_id and id = a.decision_id),
        '[]') as checks
    from activation a
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = ${arg.profileId}::text
      and a.id = ${arg.id}::text`,
)
