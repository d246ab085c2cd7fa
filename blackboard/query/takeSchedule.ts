import { sql } from 'drizzle-orm/sql/sql'
import { acrossWorkspaces } from '../statement.ts'

export interface ScheduleRow {
  workspaceId: number
  agent: string
  cron: string
  timezone: string
  nextAt: Date
  /** Of an occurrence that is under way. */
  dueAt: Date | null
  upto: string | null
}

/** Locks a schedule of a running plugin whose time has come, or that is under way; who else asks gets another. */
export const takeSchedule = acrossWorkspaces<{ now: string }, ScheduleRow>(
  (arg) => sql`
    select s.workspace_id as "workspaceId", s.agent, s.cron, s.timezone, s.next_at as "nextAt",
      s.due_at as "dueAt", s.upto
    from schedule s
    join plugin p on p.workspace_id = s.workspace_id and p.id = split_part(s.agent, '/', 1)
      and p.state = 'active'
    where coalesce(s.due_at, s.next_at) <= ${arg.now}::timestamptz
    order by coalesce(s.due_at, s.next_at)
    limit 1
    for update of s skip locked`,
)
