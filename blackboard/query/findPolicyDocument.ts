import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export const findPolicyDocument = statement<
  { workspaceId: number; number: number },
  { hash: string; document: Json }
>(
  (arg) => sql`
    select document_sha256 as hash, document from policy_version
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int`,
)
