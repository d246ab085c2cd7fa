import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The next profiles by id, merged ones too, with their wrapped data keys. */
export const listProfileKeys = statement<
  { workspaceId: number; after: string; limit: number },
  { id: string; wrapped: Buffer | null }
>(
  (arg) => sql`
    select p.id, k.wrapped
    from (
      select workspace_id, id from profile
      where workspace_id = ${arg.workspaceId}::int and id > ${arg.after}::text collate "C"
      order by id limit ${arg.limit}::int
    ) as p
    left join profile_key k on k.workspace_id = p.workspace_id and k.profile_id = p.id
    order by p.id`,
)
