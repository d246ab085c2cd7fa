import { sql } from 'drizzle-orm/sql/sql'
import type { Proposal } from '../../core/model/activation.ts'
import type { IntentState } from '../../core/model/intent.ts'
import type { Trace } from '../../core/model/trace.ts'
import { statement } from '../statement.ts'

export interface LockedIntent {
  /** Whom it is about by now. */
  profileId: string
  /** The profile that it stands on. */
  home: string
  id: string
  agent: string
  kind: string
  resource: string
  direction: string | null
  proposal: Proposal | null
  state: IntentState
  cause: string
  hop: number
  trail: string
  trace: Trace | null
  /** It has to be looked at now. */
  isDue: boolean
  /** A version of its plugin is in service, or stopped for a while. */
  isThere: boolean
}

/** Locks what is open, conflicted or to be told of canonical profiles that the transaction holds, oldest first. */
export const lockIntents = statement<
  { workspaceId: number; ids: readonly string[]; now: string },
  LockedIntent
>(
  (arg) => sql`
    select p.canonical_id as "profileId", i.profile_id as home, i.id, i.agent, i.kind, i.resource, i.direction,
      i.proposal, i.state, i.cause, i.hop, i.trail, i.trace,
      coalesce(i.due_at <= ${arg.now}::timestamptz, false) as "isDue",
      exists (select from plugin g where g.workspace_id = i.workspace_id and g.id = split_part(i.agent, '/', 1)
        and g.state not in ('removed', 'purged', 'awaiting_approval')) as "isThere"
    from profile p
    join intent i on i.workspace_id = p.workspace_id and i.profile_id = p.id
      and (i.state in ('open', 'conflicted') or i.due_at is not null)
    where p.workspace_id = ${arg.workspaceId}::int and p.canonical_id = any(${arg.ids}::text[])
    order by i.profile_id, i.id
    for update of i`,
)
