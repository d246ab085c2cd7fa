import { sql } from 'drizzle-orm/sql/sql'
import { selectStanding } from '../standing.ts'
import { statement } from '../statement.ts'

/**
 * Holds the legal state of persons, with every profile that counts as them, in share mode and in id order.
 * Who changes a person's standing updates the same rows, so it comes either wholly before what follows in
 * this transaction or after its commit: no dispatch begins after a committed withdrawal.
 */
export const lockStanding = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string }
>((arg) => sql`${selectStanding(arg)} for share of l`)
