import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** A receipt, as signed. */
export const findReceiptById = statement<{ workspaceId: number; id: string }, { receipt: string }>(
  (arg) => sql`
    select receipt from erasure_receipt
    where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}`,
)
