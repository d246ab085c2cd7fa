import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Nothing happens when another node has signed as much already. */
export const insertCheckpoint = statement<
  {
    workspaceId: number
    size: number
    root: string
    peaks: string[]
    head: string
    at: string
    keyId: string
    signature: string
  },
  { size: number }
>(
  (arg) => sql`
    insert into audit_checkpoint (workspace_id, size, root, peaks, head, at, key_id, signature)
    values (${arg.workspaceId}::int, ${arg.size}::bigint, ${arg.root}, ${arg.peaks}::text[], ${arg.head},
      ${arg.at}::timestamptz, ${arg.keyId}, ${arg.signature})
    on conflict do nothing
    returning size`,
)
