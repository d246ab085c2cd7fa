import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Keeps the signed receipt of an erasure. */
export const insertReceipt = statement<
  {
    workspaceId: number
    profileId: string
    id: string
    members: readonly string[]
    requestId: string | null
    receipt: string
    digest: string
    at: string
  },
  never
>(
  (arg) => sql`
    insert into erasure_receipt (workspace_id, profile_id, id, members, request_id, receipt, digest, at)
    values (${arg.workspaceId}::int, ${arg.profileId}, ${arg.id}, ${arg.members}::text[],
      ${arg.requestId}, ${arg.receipt}, ${arg.digest}, ${arg.at}::timestamptz)`,
)
