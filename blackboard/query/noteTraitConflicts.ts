import { sql } from 'drizzle-orm/sql/sql'
import type { ContestRule, TraitConflictState } from '../../core/model/conflict.ts'
import type { Author } from '../../core/model/trait.ts'
import { columnsOf } from '../columns.ts'
import { statement, type Handle } from '../statement.ts'

/** `value` and `stood` are JSON text; null for none, or for one that may not stand in the open. */
export interface TraitConflictRow {
  id: string
  profileId: string
  trait: string
  rule: ContestRule
  winnerKind: Author['kind']
  winner: string
  loser: string
  value: string | null
  stood: string | null
  isSealed: boolean
  confidence: number
  winnerConfidence: number
  revision: number
  state: TraitConflictState
}

const columns = [
  'id',
  'profileId',
  'trait',
  'rule',
  'winnerKind',
  'winner',
  'loser',
  'value',
  'stood',
  'isSealed',
  'confidence',
  'winnerConfidence',
  'revision',
  'state',
] as const

type Columns = { [K in (typeof columns)[number]]: TraitConflictRow[K][] }

const insert = statement<Columns & { workspaceId: number; at: string }, never>(
  (arg) => sql`
    with new as materialized (
      select n.*, n.value_text::jsonb as value, n.stood_text::jsonb as stood
      from unnest(${arg.id}::text[], ${arg.profileId}::text[], ${arg.trait}::text[], ${arg.rule}::text[],
        ${arg.winnerKind}::text[], ${arg.winner}::text[], ${arg.loser}::text[], ${arg.value}::text[],
        ${arg.stood}::text[], ${arg.isSealed}::boolean[], ${arg.confidence}::real[],
        ${arg.winnerConfidence}::real[], ${arg.revision}::int[], ${arg.state}::text[])
        as n (id, profile, trait, rule, winner_kind, winner, loser, value_text, stood_text, is_sealed,
          confidence, winner_confidence, revision, state)
    ), known as materialized (
      select new.id as new_id, c.*
      from new join trait_conflict c
        on c.workspace_id = ${arg.workspaceId}::int and c.profile_id = any(${arg.profileId}::text[])
        and c.profile_id = new.profile and c.trait = new.trait
    ), same as materialized (
      select distinct on (new.id) new.id as new_id, k.profile_id, k.id
      from new join known k on k.new_id = new.id and k.loser = new.loser and k.rule = new.rule
        and k.value is not distinct from new.value and k.is_sealed = new.is_sealed
        and (k.state <> 'settled' or k.revision = new.revision
          or (k.resolution = 'kept' and k.stood is not distinct from new.stood))
      order by new.id, k.id desc
    ), repeated as (
      update trait_conflict c set times = c.times + 1, at = ${arg.at}::timestamptz
      from same
      where c.workspace_id = ${arg.workspaceId}::int and c.profile_id = any(${arg.profileId}::text[])
        and c.profile_id = same.profile_id and c.id = same.id
    ), superseded as (
      update trait_conflict c
      set state = 'settled', resolution = 'superseded', resolved_at = ${arg.at}::timestamptz
      from new
      where c.workspace_id = ${arg.workspaceId}::int and c.profile_id = any(${arg.profileId}::text[])
        and c.profile_id = new.profile and c.trait = new.trait and c.loser = new.loser
        and c.state <> 'settled' and new.state <> 'settled'
        and not exists (select from same where same.new_id = new.id)
    )
    insert into trait_conflict (workspace_id, profile_id, id, trait, rule, winner_kind, winner, loser, value,
      stood, is_sealed, confidence, winner_confidence, revision, state, resolution, resolved_by, resolved_at,
      found_at, at)
    select ${arg.workspaceId}::int, new.profile, new.id, new.trait, new.rule, new.winner_kind, new.winner, new.loser,
      new.value, new.stood, new.is_sealed, new.confidence, new.winner_confidence, new.revision,
      case when ruled.id is null then new.state else 'settled' end,
      case when ruled.id is not null then 'kept' end, ruled.resolved_by, ruled.resolved_at,
      ${arg.at}::timestamptz, ${arg.at}::timestamptz
    from new
    left join lateral (
      -- A person took the word that stands, in place of the very one that comes again.
      select k.* from known k
      where k.new_id = new.id and new.state <> 'settled' and k.resolution = 'taken' and k.winner = new.loser
        and k.stood is not distinct from new.value and k.value is not distinct from new.stood
      order by k.id desc limit 1
    ) as ruled on true
    where not exists (select from same where same.new_id = new.id)
    order by new.profile, new.id`,
)

/**
 * Notes writes that lost, in the transaction that holds the profiles. The same word that loses again against the same is
 * counted with the first; what an agent says anew takes the place of what it had said and waits no more; what a person
 * decided already is settled by that.
 */
export const noteTraitConflicts = (
  handle: Handle,
  {
    workspaceId,
    conflicts,
    at,
  }: { workspaceId: number; conflicts: readonly TraitConflictRow[]; at: string },
): Promise<never[]> => insert(handle, { workspaceId, at, ...columnsOf(conflicts, columns) })
