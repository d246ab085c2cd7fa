import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { wakeNext } from '../waking.ts'

/**
 * Puts news of an objective on the agenda for the next profiles after `after` of whom the agent's precondition may hold,
 * as a schedule does, and moves the waking on: to the last of them, or away where they were the last.
 */
export const wakeForObjective = statement<
  {
    workspaceId: number
    id: string
    agent: string
    name: string
    cause: string
    after: string
    at: string
    limit: number
  },
  { woken: number }
>(
  (arg) => sql`
    with s as materialized (
      select * from subscription
      where workspace_id = ${arg.workspaceId}::int and kind = 'objective' and key = ${arg.name}::text
        and agent = ${arg.agent}::text
    ), ${wakeNext(arg)}, moved as (
      update objective_waking set upto = (select max(id) from next)
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::bigint
        and (select count(*) from next) = ${arg.limit}::int
    ), over as (
      delete from objective_waking
      where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}::bigint
        and (select count(*) from next) < ${arg.limit}::int
    )
    select (select count(*) from woken)::int as woken`,
)
