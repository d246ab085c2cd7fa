import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { ConflictRule, DataClass, MergeRule, Sharing } from '../../core/model/trait.ts'
import type { SpecialCategory } from '../../core/model/special.ts'
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
  /** How several agents may write it; null where one does. */
  shares: Sharing | null
  freshnessMs: number | null
  ttlMs: number | null
  /** The shortest age that an agent puts up with, where one says so. */
  neededMs: number | null
  registered: boolean
  openedAt: Date | null
  /** Categories of Art. 9 that the values tell of; null where nobody said, none where an officer said so. */
  infers: SpecialCategory[] | null
  /** What sources leave of `purposes`; null where they are no limit. */
  effectivePurposes: string[] | null
  /** Why the values count as special whatever their class. */
  specialBy: string[]
}

/** The columns of DefinitionRow; `d` is the definition. */
export const definitionColumns = sql`
  d.key, d.version, d.data_class as "dataClass", d.schema, d.purposes, d.owner, d.owners, d.description,
  d.conflict_rule as "conflictRule", d.merge_rule as "mergeRule", d.shares, d.freshness_ms as "freshnessMs",
  d.ttl_ms as "ttlMs", d.registered, d.opened_at as "openedAt", d.infers,
  (select min(s.max_age_ms) from subscription s
    where s.workspace_id = d.workspace_id and s.kind = 'need' and s.key = d.key) as "neededMs",
  d.effective_purposes as "effectivePurposes", d.special_by as "specialBy"`

export const listDefinitions = statement<{ workspaceId: number }, DefinitionRow>(
  (arg) => sql`
    select ${definitionColumns}
    from trait_definition d where d.workspace_id = ${arg.workspaceId}::int`,
)
