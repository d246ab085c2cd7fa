import { sql } from 'drizzle-orm/sql/sql'
import type { ActivationState } from '../../core/model/activation.ts'
import type { Cost } from '../../core/model/budget.ts'
import type { Author } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'
import { costOf } from './claimProposed.ts'

/** An activation as a reader may see it: without its content. */
export interface ActivationRow {
  profileId: string
  id: string
  state: ActivationState
  purpose: string
  channel: string
  destination: string | null
  risk: number | null
  cost: Cost | null
  requires: string[]
  proposerKind: Author['kind']
  proposerId: string
  decisionId: string | null
  /** What it is part of, as a `traceparent`. */
  trace: string | null
  createdAt: Date
  updatedAt: Date
  sentAt: Date | null
}

/**
 * The newest activations of each profile and its members, older than `after`.
 * `profiles` is JSON: [{ id, members }].
 */
export const listActivations = statement<
  { workspaceId: number; profiles: string; after: string | null; limit: number },
  ActivationRow & { subject: string }
>(
  (arg) => sql`
    select wanted.id as subject, found.*
    from json_to_recordset(${arg.profiles}::text::json) as wanted (id text, members text[])
    cross join lateral (
      select profile_id as "profileId", id, state, purpose, channel, destination, risk,
        requires, ${costOf} as cost,
        proposer_kind as "proposerKind", proposer_id as "proposerId", decision_id as "decisionId", trace,
        created_at as "createdAt", updated_at as "updatedAt", sent_at as "sentAt"
      from activation a
      where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(wanted.members)
        and (${arg.after}::text is null or a.id < ${arg.after}::text collate "C")
      order by a.id desc
      limit ${arg.limit}::int
    ) as found
    order by wanted.id, found.id desc`,
)
