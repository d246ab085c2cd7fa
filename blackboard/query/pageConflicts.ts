import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { conflictColumns, type TraitConflictView } from './pageTraitConflicts.ts'

/** What agents said of one profile and did not stand, in the order of their ids. */
export const pageConflicts = statement<
  { workspaceId: number; profileId: string; after: string; limit: number },
  TraitConflictView
>(
  (arg) => sql`
    select ${conflictColumns}
    from trait_conflict c
    where c.workspace_id = ${arg.workspaceId}::int and c.profile_id = ${arg.profileId}
      and c.id > ${arg.after}
    order by c.id limit ${arg.limit}::int`,
)
