import { sql } from 'drizzle-orm/sql/sql'
import type { IntentState } from '../../core/model/intent.ts'
import { run, type Handle } from '../statement.ts'

export interface IntentView {
  id: string
  profileId: string
  agent: string
  kind: string
  resource: string
  direction: string | null
  /** Of what it proposes; null where it proposes nothing. */
  purpose: string | null
  channel: string | null
  state: IntentState
  opposes: string | null
  vetoedBy: string | null
  vetoReason: string | null
  activationId: string | null
  announcedAt: Date
  closesAt: Date
  endedAt: Date | null
  resolvedBy: string | null
}

const columns = sql`
  i.id, i.profile_id as "profileId", i.agent, i.kind, i.resource, i.direction, i.proposal ->> 'purpose' as purpose,
  i.proposal ->> 'channel' as channel, i.state, i.opposes, i.vetoed_by as "vetoedBy", i.veto_reason as "vetoReason",
  i.activation_id as "activationId", i.announced_at as "announcedAt", i.closes_at as "closesAt",
  i.ended_at as "endedAt", i.resolved_by as "resolvedBy"`

export interface PageOfIntents {
  workspaceId: number
  profileId: string | null
  id: string | null
  state: IntentState | null
  kind: string | null
  /** Who announced it. */
  agent: string | null
  after: string | null
  limit: number
}

/** The newest intents, older than `after`. Only what is asked for stands in the statement, so that each has its index. */
export function pageIntents(
  db: Handle,
  { workspaceId, profileId, id, state, kind, agent, after, limit }: PageOfIntents,
): Promise<IntentView[]> {
  const asked = [
    ...(profileId === null ? [] : [sql`i.profile_id = ${profileId}::text`]),
    ...(id === null ? [] : [sql`i.id = ${id}::text`]),
    ...(state === null ? [] : [sql`i.state = ${state}::text`]),
    ...(kind === null ? [] : [sql`i.kind = ${kind}::text`]),
    ...(agent === null ? [] : [sql`i.agent = ${agent}::text`]),
    ...(after === null ? [] : [sql`i.id < ${after}::text collate "C"`]),
  ]
  return run(
    db,
    workspaceId,
    sql`
    select ${columns}
    from intent i
    where ${sql.join([sql`i.workspace_id = ${workspaceId}::int`, ...asked], sql` and `)}
    order by i.id desc
    limit ${limit}::int`,
  )
}
