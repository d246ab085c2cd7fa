import { sql } from 'drizzle-orm/sql/sql'
import type { PluginState } from '../../core/model/pluginLife.ts'
import { statement } from '../statement.ts'

/** Writes a plugin's next state, with the code of why; what waited for approval goes where it is told to. */
export const movePlugin = statement<
  {
    workspaceId: number
    id: string
    state: PluginState
    reason: string | null
    keepsCandidate: boolean
    at: string
  },
  never
>(
  (arg) => sql`
    update plugin set state = ${arg.state}::text, reason = ${arg.reason}::text,
      candidate_digest = case when ${arg.keepsCandidate}::boolean then candidate_digest end,
      candidate_by = case when ${arg.keepsCandidate}::boolean then candidate_by end,
      candidate_at = case when ${arg.keepsCandidate}::boolean then candidate_at end,
      candidate_share = case when ${arg.keepsCandidate}::boolean then candidate_share end,
      updated_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::text`,
)
