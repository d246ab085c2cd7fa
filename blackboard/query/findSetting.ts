import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export const findSetting = statement<{ workspaceId: number; hash: string }, { content: Json }>(
  (arg) => sql`
    select content from decision_setting
    where workspace_id = ${arg.workspaceId}::int and hash = ${arg.hash}`,
)
