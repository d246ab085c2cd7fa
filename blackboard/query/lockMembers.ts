import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Locks every profile that counts as the given canonical one, itself included, in id order. */
export const lockMembers = statement<
  { workspaceId: number; canonical: string },
  { id: string; canonical: string; erased: boolean; disowning: boolean }
>(
  (arg) => sql`
    select id, canonical_id as canonical, erased_at is not null as erased,
      disowned_at is not null as disowning
    from profile
    where workspace_id = ${arg.workspaceId}::int
      and (id = ${arg.canonical} or (canonical_id = ${arg.canonical} and canonical_id <> id))
    order by id
    for update`,
)
