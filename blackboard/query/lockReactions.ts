import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Locks the reactions whose lease and epoch are still the caller's; what is missing was lost to another. */
export const lockReactions = statement<
  {
    workspaceId: number
    agent: string
    owner: string
    ids: readonly string[]
    epochs: readonly number[]
  },
  { profileId: string }
>(
  (arg) => sql`
    select a.profile_id as "profileId"
    from agenda a
    join unnest(${arg.ids}::text[], ${arg.epochs}::bigint[]) as held (id, epoch)
      on held.id = a.profile_id
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.ids}::text[])
      and a.agent = ${arg.agent} and a.lease_owner = ${arg.owner} and a.lease_epoch = held.epoch
    order by a.profile_id
    for update of a`,
)
