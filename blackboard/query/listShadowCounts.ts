import { sql } from 'drizzle-orm/sql/sql'
import type { ShadowDirection } from '../../core/model/policyLife.ts'
import { statement } from '../statement.ts'

export interface ShadowCountRow {
  purpose: string
  channel: string
  direction: ShadowDirection
  decisions: number
}

export const listShadowCounts = statement<{ workspaceId: number; number: number }, ShadowCountRow>(
  (arg) => sql`
    select purpose, channel, direction, decisions::float8 as decisions
    from policy_shadow_count
    where workspace_id = ${arg.workspaceId}::int and number = ${arg.number}::int
    order by purpose, channel, direction`,
)
