import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import type { DefinitionRow } from './listDefinitions.ts'

export interface DefinitionVersion extends Omit<
  DefinitionRow,
  'openedAt' | 'effectivePurposes' | 'specialBy'
> {
  author: string
  reason: string
  at: Date
}

/** What a trait's definition said before and says now, newest first. */
export const listTraitVersions = statement<
  { workspaceId: number; keys: readonly string[]; limit: number },
  DefinitionVersion
>(
  (arg) => sql`
    select v.*
    from unnest(${arg.keys}::text[]) as wanted (key)
    cross join lateral (
      select key, version, data_class as "dataClass", schema, purposes, owner, owners, description,
        conflict_rule as "conflictRule", merge_rule as "mergeRule", shares, freshness_ms as "freshnessMs",
        ttl_ms as "ttlMs", infers, registered, author, reason, at
      from trait_definition_version
      where workspace_id = ${arg.workspaceId}::int and key = wanted.key
      order by version desc limit ${arg.limit}::int
    ) as v
    order by v.key, v.version desc`,
)
