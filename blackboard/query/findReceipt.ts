import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** The newest receipt of a profile's erasure, as signed. */
export const findReceipt = statement<
  { workspaceId: number; profileId: string },
  { receipt: string }
>(
  (arg) => sql`
    select receipt from erasure_receipt
    where workspace_id = ${arg.workspaceId}::int and profile_id = ${arg.profileId}
    order by id desc limit 1`,
)
