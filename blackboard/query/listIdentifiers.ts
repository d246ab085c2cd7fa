import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Identifiers by the profile they were first seen on. `value` is null where it lives in the vault. */
export const listIdentifiers = statement<
  { workspaceId: number; profileIds: string[] },
  { profileId: string; namespace: string; hash: string; value: string | null; firstSeenAt: Date }
>(
  (arg) => sql`
    select profile_id as "profileId", namespace, hash, value, first_seen_at as "firstSeenAt"
    from identifier
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.profileIds}::text[])
    order by first_seen_at, namespace, hash`,
)
