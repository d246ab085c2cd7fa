import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The next identifiers of a namespace; a value that is null lies in the vault, under the profile's key. */
export const pageIdentifiers = statement<
  { workspaceId: number; namespace: string; after: string; limit: number },
  {
    hash: string
    profileId: string
    value: string | null
    sealed: Buffer | null
    wrapped: Buffer | null
  }
>(
  (arg) => sql`
    select i.hash, i.profile_id as "profileId", i.value, v.sealed, k.wrapped
    from (
      select * from identifier
      where workspace_id = ${arg.workspaceId}::int and namespace = ${arg.namespace}
        and hash > ${arg.after}::uuid
      order by hash
      limit ${arg.limit}::int
    ) as i
    left join lateral (
      select sealed from vault
      where workspace_id = ${arg.workspaceId}::int and profile_id = i.profile_id
        and key = 'identifier/' || i.namespace || '/' || i.hash
      offset 0
    ) as v on i.value is null
    left join lateral (
      select wrapped from profile_key
      where workspace_id = ${arg.workspaceId}::int and profile_id = i.profile_id
      offset 0
    ) as k on i.value is null
    order by i.hash`,
)
