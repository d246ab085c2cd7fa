import { sql } from 'drizzle-orm/sql/sql'
import type { LawfulBasis } from '../../core/model/consent.ts'
import { statement } from '../statement.ts'

export interface PurposeRow {
  key: string
  description: string
  bases: LawfulBasis[]
  needsGrant: boolean
  ttlDays: number | null
  doubleOptIn: string[]
  paused: boolean
}

export const listPurposes = statement<{ workspaceId: number }, PurposeRow>(
  (arg) => sql`
    select p.key, p.description, p.bases, p.needs_grant as "needsGrant", p.ttl_days as "ttlDays",
      p.double_opt_in as "doubleOptIn", w.paused
    from purpose p join workspace w on w.id = p.workspace_id
    where p.workspace_id = ${arg.workspaceId}::int order by p.key`,
)
