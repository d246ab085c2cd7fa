import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/** Workspaces with activations that wait for the gate. */
export const listWaiting = statement<Record<never, never>, { workspaceId: number }>(
  () => sql`select distinct workspace_id as "workspaceId" from activation where state = 'proposed'`,
)
