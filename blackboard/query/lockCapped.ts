import { sql } from 'drizzle-orm/sql/sql'
import { selectStanding } from '../standing.ts'
import { statement } from '../statement.ts'

/**
 * As `lockStanding`, for persons under a cap: one dispatch at a time, so that who counts what was sent counts
 * everything that began before. It says which rows it holds. Who became one person while it waited is not held as a
 * whole: the canonical profile is among the rows, or the counting is not exact.
 */
export const lockCapped = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string }
>((arg) => sql`${selectStanding(arg)} for no key update of l`)
