import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/**
 * Where something goes, as far as it matters for who may be slow: the channel, and the host that a URL names.
 * All of one place share a circuit.
 */
export const placeOf = sql.raw(`(channel || ' ' || coalesce(split_part(destination, '/', 3), ''))`)

/**
 * Approved activations that are due, oldest first, without a lock: dispatch locks the persons first. Those to
 * the `passed` places are left out.
 */
export const listApproved = acrossWorkspaces<
  { now: string; limit: number; passed: readonly string[] },
  {
    workspaceId: number
    profileId: string
    id: string
    purpose: string
    channel: string
    destination: string | null
    budget: string | null
    place: string
  }
>(
  (arg) => sql`
    select workspace_id as "workspaceId", profile_id as "profileId", id, purpose, channel, destination,
      budget, ${placeOf} as place
    from activation
    where state = 'approved' and due_at <= ${arg.now}::timestamptz
      and ${placeOf} <> all(${arg.passed}::text[])
    order by due_at
    limit ${arg.limit}::int`,
)
