import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { objectiveColumns, type ObjectiveRow } from './listObjectives.ts'

/** Whoever changes an objective or tasks of it holds it, and does so before its tasks. */
export const lockObjective = statement<{ workspaceId: number; id: string }, ObjectiveRow>(
  (arg) => sql`
    select ${objectiveColumns}
    from objective o
    where o.workspace_id = ${arg.workspaceId}::int and o.id = ${arg.id}::text
    for no key update`,
)
