import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/**
 * Makes the monthly partitions of the event and change tables from the month of `now` on, so that old months
 * can be dropped whole; two ahead, since a server may run for two before it looks again. A month whose rows
 * already landed in the default partition, because nobody made it in time, is left there and returned.
 */
export const ensurePartitions = acrossWorkspaces<{ now: string }, { late: string }>(
  (arg) => sql`
    select made.parent || to_char(made.month, '_YYYY_MM') as late
    from (
      select parent, month, slateboard_make_partition(parent, month) as made
      from unnest(array['event', 'change']) as parent
      cross join (
        select (date_trunc('month', ${arg.now}::timestamptz at time zone 'UTC')
          + ahead * interval '1 month')::date as month
        from generate_series(0, 2) as ahead
      ) as ahead
      offset 0
    ) as made
    where not made.made`,
)
