import { sql } from 'drizzle-orm/sql/sql'
import type { ObjectiveNews } from '../../core/model/objective.ts'
import { acrossWorkspaces } from '../statement.ts'

export interface WakingRow {
  workspaceId: number
  id: string
  agent: string
  objectiveId: string
  name: string
  news: ObjectiveNews
  round: number
  upto: string
}

/** Locks the oldest news of an objective for an agent of a running plugin; who else asks gets another. */
export const takeWaking = acrossWorkspaces<object, WakingRow>(
  () => sql`
    select o.workspace_id as "workspaceId", o.id::text as id, o.agent, o.objective_id as "objectiveId",
      o.name, o.state as news, o.round, o.upto
    from objective_waking o
    join plugin p on p.workspace_id = o.workspace_id and p.id = split_part(o.agent, '/', 1)
      and p.state = 'active'
    order by o.id
    limit 1
    for update of o skip locked`,
)
