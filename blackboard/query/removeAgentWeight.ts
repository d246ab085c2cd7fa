import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export const removeAgentWeight = statement<{ workspaceId: number; agent: string }, never>(
  (arg) => sql`
    delete from agent_weight where workspace_id = ${arg.workspaceId}::int and agent = ${arg.agent}::text`,
)
