import { sql } from 'drizzle-orm/sql/sql'
import type { ObjectiveNews } from '../../core/model/objective.ts'
import { statement } from '../statement.ts'

/** Has every agent that listens for objectives of the name woken for everybody, from then on and step by step. */
export const announceObjective = statement<
  {
    workspaceId: number
    id: string
    name: string
    news: ObjectiveNews
    round: number
    at: string
  },
  never
>(
  (arg) => sql`
    insert into objective_waking (workspace_id, agent, objective_id, name, state, round, at)
    select workspace_id, agent, ${arg.id}::text, ${arg.name}::text, ${arg.news}::text,
      ${arg.round}::smallint, ${arg.at}::timestamptz
    from subscription
    where workspace_id = ${arg.workspaceId}::int and kind = 'objective' and key = ${arg.name}::text
    order by agent`,
)
