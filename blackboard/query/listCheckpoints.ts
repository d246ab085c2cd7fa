import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

export interface CheckpointRow {
  workspace: number
  size: number
  root: string
  head: string
  at: Date
  keyId: string
  signature: string
}

/** Checkpoints that end after one position and at or before another, in order. */
export const listCheckpoints = statement<
  { workspaceId: number; after: number; until: number },
  CheckpointRow
>(
  (arg) => sql`
    select workspace_id as workspace, size, root, head, at, key_id as "keyId", signature
    from audit_checkpoint
    where workspace_id = ${arg.workspaceId}::int
      and size > ${arg.after}::bigint and size <= ${arg.until}::bigint
    order by size`,
)
