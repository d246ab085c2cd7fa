import { sql } from 'drizzle-orm/sql/sql'
import type { FollowUpKind, FollowUpState } from '../../core/model/followUp.ts'
import { run, type Handle } from '../statement.ts'
import { followUpColumns, type FollowUpView } from './listFollowUps.ts'

export interface PageOfFollowUps {
  workspaceId: number
  state: FollowUpState | null
  kind: FollowUpKind | null
  destination: string | null
  /** Those that somebody should look at: given up, or not taken in so many tries. */
  overdueTries: number | null
  after: string | null
  limit: number
}

/** The newest follow-ups of all persons, older than `after`. Only what is asked for stands in the statement, so that each has its index. */
export function pageFollowUps(
  db: Handle,
  { workspaceId, state, kind, destination, overdueTries, after, limit }: PageOfFollowUps,
): Promise<(FollowUpView & { isErased: boolean })[]> {
  const asked = [
    ...(state === null ? [] : [sql`f.state = ${state}::text`]),
    ...(kind === null ? [] : [sql`f.kind = ${kind}::text`]),
    ...(destination === null ? [] : [sql`f.destination = ${destination}::text`]),
    ...(overdueTries === null
      ? []
      : [
          sql`f.state in ('pending', 'failed')`,
          sql`(f.state = 'failed' or f.attempts >= ${overdueTries}::int)`,
        ]),
    ...(after === null ? [] : [sql`f.id < ${after}::text collate "C"`]),
  ]
  return run(
    db,
    workspaceId,
    sql`
    select ${followUpColumns},
      exists (select from legal_state l where l.workspace_id = f.workspace_id
        and l.profile_id = f.profile_id and l.erased_at is not null) as "isErased"
    from follow_up f
    where ${sql.join([sql`f.workspace_id = ${workspaceId}::int`, ...asked], sql` and `)}
    order by f.id desc
    limit ${limit}::int`,
  )
}
