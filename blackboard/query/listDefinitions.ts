import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { ConflictRule, DataClass, MergeRule } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

export interface DefinitionRow {
  key: string
  version: number
  dataClass: DataClass
  schema: Json | null
  purposes: string[]
  owner: string | null
  owners: string[]
  description: string
  conflictRule: ConflictRule
  mergeRule: MergeRule
  freshnessMs: number | null
  ttlMs: number | null
  registered: boolean
  openedAt: Date | null
}

/** The columns of DefinitionRow; `d` is the definition. */
export const definitionColumns = sql`
  d.key, d.version, d.data_class as "dataClass", d.schema, d.purposes, d.owner, d.owners, d.description,
  d.conflict_rule as "conflictRule", d.merge_rule as "mergeRule", d.freshness_ms as "freshnessMs",
  d.ttl_ms as "ttlMs", d.registered, d.opened_at as "openedAt"`

export const listDefinitions = statement<{ workspaceId: number }, DefinitionRow>(
  (arg) => sql`
    select ${definitionColumns}
    from trait_definition d where d.workspace_id = ${arg.workspaceId}::int`,
)
