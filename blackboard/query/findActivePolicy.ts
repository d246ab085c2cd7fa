import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

/** The version in force at a time, as `findActivePolicyNumber` has it, with its document. */
export const findActivePolicy = statement<
  { workspaceId: number; at: string },
  { number: number; hash: string; document: Json }
>(
  (arg) => sql`
    select v.number, v.document_sha256 as hash, v.document
    from policy_version active
    join policy_version v on v.workspace_id = ${arg.workspaceId}::int and v.number =
      case when active.break_glass_until <= ${arg.at}::timestamptz then active.previous else active.number end
    where active.workspace_id = ${arg.workspaceId}::int and active.status = 'active'`,
)
