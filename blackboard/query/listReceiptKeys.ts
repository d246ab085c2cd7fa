import { sql } from 'drizzle-orm/sql/sql'
import type { ReceiptKey } from '../../core/model/consentMapping.ts'
import { statement } from '../statement.ts'

export const listReceiptKeys = statement<{ workspaceId: number }, ReceiptKey>(
  (arg) => sql`
    select nullif(source_id, '') as "sourceId", key_id as "keyId", public_key as "publicKey", author,
      added_at as "addedAt"
    from receipt_key where workspace_id = ${arg.workspaceId}::int
    order by receipt_key.source_id, added_at, key_id`,
)
