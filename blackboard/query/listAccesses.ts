import { sql } from 'drizzle-orm/sql/sql'
import type { DataClass } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

export interface AccessRow {
  actor: string
  kind: 'read' | 'write' | 'send' | 'export'
  purpose: string
  object: string
  dataClass: DataClass
  count: number
  firstAt: Date
  lastAt: Date
}

/** What was counted since a day, one row for each kind of use. */
export const listAccesses = statement<{ workspaceId: number; since: string }, AccessRow>(
  (arg) => sql`
    select actor, kind, purpose, object, (array_agg(data_class order by day desc))[1] as "dataClass", sum(count)::bigint as count,
      min(first_at) as "firstAt", max(last_at) as "lastAt"
    from observed_access
    where workspace_id = ${arg.workspaceId}::int and day >= ${arg.since}::date
    group by actor, kind, purpose, object
    order by actor, kind, purpose, object`,
)
