import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/** Of the given (namespace, hash) pairs, those that are known: their home, what it counts as, its data key. */
export const findIdentifiers = statement<
  { workspaceId: number; identifiers: string },
  { namespace: string; hash: string; home: string; canonical: string; wrapped: Buffer | null }
>(
  (arg) => sql`
    select i.namespace, i.hash, i.profile_id as home, p.canonical_id as canonical, k.wrapped
    from json_to_recordset(${arg.identifiers}::text::json) as wanted (namespace text, hash uuid)
    join identifier i on i.workspace_id = ${arg.workspaceId}::int
      and i.namespace = wanted.namespace and i.hash = wanted.hash
    join profile p on p.workspace_id = i.workspace_id and p.id = i.profile_id
    left join profile_key k on k.workspace_id = i.workspace_id and k.profile_id = i.profile_id`,
)
