import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'
import { presenceOf } from './takePresence.ts'

/**
 * Voids the claims of workers whose lease ran out or whose process is gone (or of the one named): their reactions, dispatches and
 * follow-ups are free for the living. The epoch of a reaction has moved on by the next claim, so that a worker which was
 * only slow can commit nothing any more.
 */
export const sweepWorkers = acrossWorkspaces<
  { owner: string; leaving: string },
  {
    reactions: number
    dispatches: number
    followUps: number
    /** How long ago the lease ran out that ran out first, in milliseconds; below 0 where the worker was missed before. */
    lateMs: number
  }
>(
  (arg) => sql`
    with gone as (
      delete from worker
      where lease_expires_at < clock_timestamp() or id = ${arg.leaving}
        or (is_present and id <> ${arg.owner} and pg_try_advisory_xact_lock_shared(${presenceOf(sql`id`)}))
      returning id, lease_expires_at
    ), reactions as (
      update agenda set lease_owner = null, taken = 0
      where lease_owner in (select id from gone)
      returning 1
    ), dispatches as (
      update activation set lease_owner = null, state = 'approved'
      where state = 'dispatching' and (lease_owner in (select id from gone)
        or not exists (select from worker where id = lease_owner))
      returning 1
    ), follow_ups as (
      update follow_up set lease_owner = null
      where state = 'pending' and lease_owner is not null and (lease_owner in (select id from gone)
        or not exists (select from worker where id = lease_owner))
      returning 1
    )
    select (select count(*) from reactions)::int as reactions,
      (select count(*) from dispatches)::int as dispatches,
      (select count(*) from follow_ups)::int as "followUps",
      (select extract(epoch from clock_timestamp() - min(lease_expires_at))::float8 * 1000 from gone) as "lateMs"
    where exists (select from gone)`,
)
