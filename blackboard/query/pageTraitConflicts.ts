import { sql } from 'drizzle-orm/sql/sql'
import type { ContestRule, TraitConflictState } from '../../core/model/conflict.ts'
import type { Json } from '../../core/model/json.ts'
import type { Author } from '../../core/model/trait.ts'
import { run, type Handle } from '../statement.ts'

export interface TraitConflictView {
  id: string
  profileId: string
  trait: string
  rule: ContestRule
  winnerKind: Author['kind']
  winner: string
  loser: string
  value: Json
  stood: Json
  /** Neither is kept: the trait is personal. */
  isSealed: boolean
  confidence: number
  winnerConfidence: number
  revision: number
  times: number
  state: TraitConflictState
  resolution: 'kept' | 'taken' | 'superseded' | 'sealed' | null
  resolvedBy: string | null
  resolvedAt: Date | null
  foundAt: Date
  at: Date
}

export const conflictColumns = sql`
  c.id, c.profile_id as "profileId", c.trait, c.rule, c.winner_kind as "winnerKind", c.winner, c.loser, c.value,
  c.stood, c.is_sealed as "isSealed", c.confidence, c.winner_confidence as "winnerConfidence", c.revision, c.times,
  c.state, c.resolution, c.resolved_by as "resolvedBy", c.resolved_at as "resolvedAt", c.found_at as "foundAt", c.at`

export interface PageOfTraitConflicts {
  workspaceId: number
  /** Those of one profile alone. */
  profileId: string | null
  id: string | null
  state: TraitConflictState | null
  trait: string | null
  /** Who lost, or who won. */
  agent: string | null
  after: string | null
  limit: number
}

/** The newest conflicts, older than `after`. Only what is asked for stands in the statement, so that each has its index. */
export function pageTraitConflicts(
  db: Handle,
  { workspaceId, profileId, id, state, trait, agent, after, limit }: PageOfTraitConflicts,
): Promise<TraitConflictView[]> {
  const asked = [
    ...(profileId === null ? [] : [sql`c.profile_id = ${profileId}::text`]),
    ...(id === null ? [] : [sql`c.id = ${id}::text`]),
    ...(state === null ? [] : [sql`c.state = ${state}::text`]),
    ...(state === 'open' || state === 'proposed' ? [sql`c.state <> 'settled'`] : []),
    ...(trait === null ? [] : [sql`c.trait = ${trait}::text`]),
    ...(agent === null
      ? []
      : [
          sql`(c.loser = ${agent}::text or (c.winner_kind = 'agent' and c.winner = ${agent}::text))`,
        ]),
    ...(after === null ? [] : [sql`c.id < ${after}::text collate "C"`]),
  ]
  return run(
    db,
    workspaceId,
    sql`
    select ${conflictColumns}
    from trait_conflict c
    where ${sql.join([sql`c.workspace_id = ${workspaceId}::int`, ...asked], sql` and `)}
    order by c.id desc
    limit ${limit}::int`,
  )
}
