import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Recalls what was proposed, held or approved for a purpose (or a child of it) that no longer may go out. */
export const recallActivations = statement<
  {
    workspaceId: number
    ids: readonly string[]
    purpose: string
    channel: string
    reason: string
    at: string
  },
  { id: string; profileId: string }
>(
  (arg) => sql`
    update activation
    set state = 'recalled', last_error = ${arg.reason}, updated_at = ${arg.at}::timestamptz
    where workspace_id = ${arg.workspaceId}::int
      and profile_id = any(${arg.ids}::text[])
      and state in ('proposed', 'held', 'approved')
      and (purpose = ${arg.purpose} or starts_with(purpose, ${arg.purpose} || '.'))
      and (${arg.channel} in ('*', channel))
    returning id, profile_id as "profileId"`,
)
