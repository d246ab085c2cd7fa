import { sql } from 'drizzle-orm/sql/sql'
import type { SQL } from 'drizzle-orm/sql/sql'
import type { ParkedReason, ReactionState } from '../core/model/reaction.ts'

/** Where the row `a` of the agenda stands. One that runs may be parked already for when it ends. */
export const reactionState = sql`case when a.lease_owner is not null then 'running'
    when a.parked is not null then 'parked' when a.due_at is not null then 'snoozed' else 'pending' end`

/** Why it waits, where it is parked. */
export const parkedReason = sql`case when a.lease_owner is null then a.parked end`

/** Which rows of the agenda are meant; what is null is not asked for. */
export interface AskedReactions {
  agent: string | null
  plugin: string | null
  state: ReactionState | null
  parked: ParkedReason | null
  /** Those of whom it counts as. */
  profileId: string | null
  keys: readonly { profileId: string; agent: string }[] | null
}

/** Conditions on the row `a`. Only what is asked for stands in the statement, so that each has its index. */
export function reactionsAsked(workspaceId: number, asked: AskedReactions): SQL[] {
  const { agent, plugin, state, parked, profileId, keys } = asked
  return [
    sql`a.workspace_id = ${workspaceId}::int`,
    ...(agent === null ? [] : [sql`a.agent = ${agent}::text collate "C"`]),
    ...(plugin === null ? [] : [sql`split_part(a.agent, '/', 1) = ${plugin}::text collate "C"`]),
    ...(state === null ? [] : stateConditions[state]),
    ...(parked === null ? [] : [sql`a.parked = ${parked}::text`, ...stateConditions.parked]),
    ...(profileId === null ? [] : [ofPerson(workspaceId, profileId)]),
    ...(keys === null ? [] : [amongKeys(keys)]),
  ]
}

const stateConditions: Readonly<Record<ReactionState, readonly SQL[]>> = {
  running: [sql`a.lease_owner is not null`],
  parked: [sql`a.parked is not null`, sql`a.lease_owner is null`],
  snoozed: [sql`a.due_at is not null`, sql`a.parked is null`, sql`a.lease_owner is null`],
  pending: [sql`a.due_at is null`, sql`a.parked is null`, sql`a.lease_owner is null`],
}

const ofPerson = (workspaceId: number, profileId: string): SQL => sql`a.profile_id = any(array(
      select m.id from profile p
      join profile m on m.workspace_id = p.workspace_id and m.canonical_id = p.canonical_id
      where p.workspace_id = ${workspaceId}::int and p.id = ${profileId}::text collate "C"))`

function amongKeys(keys: readonly { profileId: string; agent: string }[]): SQL {
  const ids = JSON.stringify(keys.map(({ profileId, agent }) => [profileId, agent]))
  return sql`(a.profile_id, a.agent) in (
      select key ->> 0, key ->> 1 from jsonb_array_elements(${ids}::text::jsonb) as key)`
}
