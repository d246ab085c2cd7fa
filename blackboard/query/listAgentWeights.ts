import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** Agents whose turn comes earlier or later than by themselves; few, or none. */
export const listAgentWeights = acrossWorkspaces<
  object,
  { workspaceId: number; agent: string; delta: number }
>(() => sql`select workspace_id as "workspaceId", agent, delta from agent_weight`)
