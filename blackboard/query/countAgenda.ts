import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

/** How many reactions wait, run, sleep or are parked. */
export const countAgenda = acrossWorkspaces<
  object,
  { pending: number; running: number; snoozed: number; parked: number }
>(
  () => sql`
    select count(*) filter (where rank is not null and lease_owner is null) as pending,
      count(*) filter (where lease_owner is not null) as running,
      count(*) filter (where due_at is not null) as snoozed,
      count(*) filter (where parked is not null) as parked
    from agenda`,
)
