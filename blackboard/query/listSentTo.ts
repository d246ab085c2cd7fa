import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface SentToRow {
  /** Which of the acts it follows from. */
  nth: number
  /** The profile that the receiver was told. */
  profileId: string
  channel: string
  destination: string | null
  /** What is on its way first, then the latest. */
  activationIds: string[]
  /** One of these is on its way now. */
  underWay: boolean
}

/**
 * Where something about profiles was sent, or may have arrived: every attempt counts except those that ended
 * before anything could leave. To be asked after the legal state was moved on, when a dispatch that had begun
 * has said so and none can begin on what stood before.
 */
export const listSentTo = statement<{ workspaceId: number; acts: string; max: number }, SentToRow>(
  (arg) => sql`
    select act.nth, told.id as "profileId", a.channel, a.destination,
      (array_agg(a.id order by a.state = 'dispatching' desc, a.id desc))[1:${arg.max}::int] as "activationIds",
      bool_or(a.state = 'dispatching') as "underWay"
    from json_to_recordset(${arg.acts}::text::json)
      as act (nth int, "profileIds" text[], purpose text, channel text)
    join activation a on a.workspace_id = ${arg.workspaceId}::int
      and a.profile_id = any(act."profileIds") and a.attempts > 0
      and (act.purpose is null or a.purpose = act.purpose
        or starts_with(a.purpose, act.purpose || '.'))
      and act.channel in ('*', a.channel)
      and not (a.state = 'failed' and a.attempts = 1
        and a.last_error ~ '^(destination|address|channel)_')
    cross join lateral unnest(case when a.sent_as = '{}' then array[a.profile_id]
      else a.sent_as end) as told (id)
    group by act.nth, told.id, a.channel, a.destination
    order by act.nth, told.id`,
)
