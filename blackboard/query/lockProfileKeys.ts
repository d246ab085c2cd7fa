import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Locks the next profiles by id, merged ones too, and returns them with their wrapped data keys. Without the
 * lock, what is about to be sealed could be erased meanwhile, and come back under a new key.
 */
export const lockProfileKeys = statement<
  { workspaceId: number; after: string; limit: number },
  { id: string; wrapped: Buffer | null }
>(
  (arg) => sql`
    select p.id, k.wrapped
    from (
      select workspace_id, id from profile
      where workspace_id = ${arg.workspaceId}::int and id > ${arg.after}::text collate "C"
      order by id limit ${arg.limit}::int
      for update
    ) as p
    left join profile_key k on k.workspace_id = p.workspace_id and k.profile_id = p.id
    order by p.id`,
)
