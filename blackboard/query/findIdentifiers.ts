import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** An identifier that is known, or the tombstone of one: then nothing but the time it was opened. */
export type FoundRow =
  | {
      namespace: string
      hash: string
      home: string
      canonical: string
      wrapped: Buffer | null
      erased: false
    }
  | { namespace: string; hash: string; erased: true; openedAt: Date | null }

/**
 * Of the given identifiers those that are known: their home, what it counts as, its data key; and those that
 * were erased. Of one that was erased, let in again and is known, both. A hash is made under its namespace's own
 * key, so it names the namespace too.
 */
export const findIdentifiers = statement<
  { workspaceId: number; hashes: readonly string[] },
  FoundRow
>(
  (arg) => sql`
    select i.namespace, i.hash, i.profile_id as home, p.canonical_id as canonical, k.wrapped,
      false as erased, null::timestamptz as "openedAt"
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
    where i.workspace_id = ${arg.workspaceId}::int and i.hash = any(${arg.hashes}::uuid[])
    union all
    select namespace, hash, null, null, null, true, opened_at
    from tombstone
    where workspace_id = ${arg.workspaceId}::int and hash = any(${arg.hashes}::uuid[])`,
)
