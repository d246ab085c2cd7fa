import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Counts failures per destination (a report of 0 is a success); from `failuresMax` on it is left alone until `openUntil`. A success
 * forgets them.
 */
export const reportCircuits = statement<
  { workspaceId: number; reports: string; failuresMax: number; openUntil: string },
  never
>(
  (arg) => sql`
    with report as (
      select * from json_to_recordset(${arg.reports}::text::json) as r (destination text, failures int)
    ), healed as (
      delete from circuit c using report
      where c.workspace_id = ${arg.workspaceId}::int and c.destination = report.destination
        and report.failures = 0
    )
    insert into circuit as c (workspace_id, destination, failures, open_until)
    select ${arg.workspaceId}::int, destination, failures,
      case when failures >= ${arg.failuresMax}::int then ${arg.openUntil}::timestamptz end
    from report where failures > 0
    order by destination
    on conflict (workspace_id, destination) do update set
      failures = c.failures + excluded.failures,
      open_until = case when c.failures + excluded.failures >= ${arg.failuresMax}::int
        then ${arg.openUntil}::timestamptz end`,
)
