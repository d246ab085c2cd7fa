import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * How often persons were addressed within a period: what was sent in it, is being sent, or was tried and is to be
 * tried again. `asked` is JSON: [{ nth, members, purposes, channels, since, until, except }], where a purpose
 * stands for its children, `*` for any, and `except` is the activation that asks. Without `until`, what another
 * node sent by a clock that is ahead counts as well.
 */
export const countContacts = statement<
  { workspaceId: number; asked: string },
  { nth: number; sent: number }
>(
  (arg) => sql`
    select asked.nth, counted.sent
    from json_to_recordset(${arg.asked}::text::json) as asked (nth int, members text[],
      purposes text[], channels text[], since timestamptz, until timestamptz, "except" text)
    cross join lateral (
      select count(*)::int as sent from activation a
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(asked.members)
        and a.id <> asked."except"
        and (a.state = 'dispatching' or (a.state = 'approved' and a.attempts > 0)
          or (a.state = 'sent' and a.sent_at > asked.since
            and (asked.until is null or a.sent_at <= asked.until)))
        and ('*' = any(asked.channels) or a.channel = any(asked.channels))
        and exists (
          select from unnest(asked.purposes) as purpose
          where purpose in ('*', a.purpose) or starts_with(a.purpose, purpose || '.'))
    ) as counted`,
)
