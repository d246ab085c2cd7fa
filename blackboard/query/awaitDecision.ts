import { sql } from 'drizzle-orm/sql/sql'
import type { ActivationState } from '../../core/model/activation.ts'
import { statement } from '../statement.ts'

/** The state of an activation, after a gate that is deciding it now has committed. */
export const awaitDecision = statement<
  { workspaceId: number; profileId: string; id: string },
  { state: ActivationState }
>(
  (arg) => sql`
    select state from activation
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId} and id = ${arg.id}
    for share`,
)
