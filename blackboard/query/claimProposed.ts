import { sql } from 'drizzle-orm/sql/sql'
import type { Cost } from '../../core/model/budget.ts'
import type { JsonObject } from '../../core/model/json.ts'
import { statement } from '../statement.ts'

export interface GateRow {
  workspaceId: number
  profileId: string
  id: string
  proposerKind: 'agent' | 'principal'
  proposerId: string
  /** Role of the proposing principal; null for agents and for principals that were revoked. */
  role: string | null
  /** The principal's name, under the same condition. */
  name: string | null
  purpose: string
  channel: string
  destination: string | null
  content: JsonObject
  fields: string[]
  /** Those of the fields without which it is not sent. */
  requires: string[]
  /** Null when its proposer did not say. */
  risk: number | null
  /** What it takes of a budget; null for nothing. */
  cost: Cost | null
  /** What it is part of, as a `traceparent`; absent where that is not asked. */
  trace?: string | null
  /** What a person last said to it. */
  approval: { id: string; verdict: 'approved' | 'refused'; at: string } | null
  attempts: number
}

/** Of an activation `a`. */
export const costOf = sql.raw(
  `case when a.budget is not null then jsonb_build_object('budget', a.budget, 'amount', a.cost) end`,
)

/** Locks those of the activations that still wait for the gate; another gate passes them over. */
export const claimProposed = statement<
  { workspaceId: number; profileIds: readonly string[]; ids: readonly string[] },
  GateRow
>(
  (arg) => sql`
    select a.workspace_id as "workspaceId", a.profile_id as "profileId", a.id,
      a.proposer_kind as "proposerKind", a.proposer_id as "proposerId", a.purpose, a.channel,
      a.destination, a.content, a.fields, a.requires, a.risk, a.trace, a.attempts, ${costOf} as cost,
      (select p.name from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id and p.revoked_at is null) as name,
      (select jsonb_build_object('id', v.id, 'verdict', v.verdict, 'at', v.decided_at)
        from activation_approval v
        where v.workspace_id = a.workspace_id and v.profile_id = a.profile_id
          and v.activation_id = a.id order by v.id desc limit 1) as approval,
      (select p.role from principal p where a.proposer_kind = 'principal'
        and p.workspace_id = a.workspace_id and p.id = a.proposer_id and p.revoked_at is null) as role
    from activation a
    where a.workspace_id = ${arg.workspaceId}::int and a.profile_id = any(${arg.profileIds}::text[])
      and a.id = any(${arg.ids}::text[]) and a.state = 'proposed'
    order by a.profile_id, a.id
    for update of a skip locked`,
)
