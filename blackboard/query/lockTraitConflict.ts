import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { conflictColumns, type TraitConflictView } from './pageTraitConflicts.ts'

/** Locks a conflict for the transaction that resolves it, which holds the person. */
export const lockTraitConflict = statement<
  { workspaceId: number; profileId: string; id: string },
  TraitConflictView & { removes: boolean }
>(
  (arg) => sql`
    select ${conflictColumns}, c.value is null as removes
    from trait_conflict c
    where c.workspace_id = ${arg.workspaceId}::int and c.profile_id = ${arg.profileId}::text
      and c.id = ${arg.id}::text
    for update`,
)
