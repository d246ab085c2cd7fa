import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** As `recallActivations`, for the refusals of many at once; `nth` tells which of these it was. */
export const recallRefused = statement<
  { workspaceId: number; refusals: string; at: string },
  { id: string; nth: number; reason: string }
>(
  (arg) => sql`
    update activation a
    set state = 'recalled', last_error = r.reason, updated_at = ${arg.at}::timestamptz
    from json_to_recordset(${arg.refusals}::text::json)
      as r ("profileId" text, purpose text, channel text, reason text, nth int)
    where a.workspace_id = ${arg.workspaceId}::int
      and a.profile_id = r."profileId"
      and a.state in ('proposed', 'held', 'approved')
      and (a.purpose = r.purpose or starts_with(a.purpose, r.purpose || '.'))
      and r.channel in ('*', a.channel)
    returning a.id, r.nth, a.last_error as reason`,
)
