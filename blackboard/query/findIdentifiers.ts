import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Of the given identifiers those that are known: their home, what it counts as, its data key. A hash is made
 * under its namespace's own key, so it names the namespace too.
 */
export const findIdentifiers = statement<
  { workspaceId: number; hashes: readonly string[] },
  { namespace: string; hash: string; home: string; canonical: string; wrapped: Buffer | null }
>(
  (arg) => sql`
    select i.namespace, i.hash, i.profile_id as home, p.canonical_id as canonical, k.wrapped
    from identifier i
    cross join lateral (
      select canonical_id from profile
      where workspace_id = i.workspace_id and id = i.profile_id
      offset 0
    ) as p
    left join lateral (
      select wrapped from profile_key
      where workspace_id = i.workspace_id and profile_id = i.profile_id
      offset 0
    ) as k on true
    where i.workspace_id = ${arg.workspaceId}::int and i.hash = any(${arg.hashes}::uuid[])`,
)
