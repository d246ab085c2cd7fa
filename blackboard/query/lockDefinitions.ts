import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'
import { definitionColumns, type DefinitionRow } from './listDefinitions.ts'

export interface LockedDefinition extends DefinitionRow {
  /** Who wrote this version: `plugin:<id>`, `principal:<id>` or `system`. */
  author: string
  /** No version of the plugin that owns it is in service, so that another may take it over. */
  isOrphan: boolean
}

/** Locks definitions, in the order of their keys, for a transaction that writes their next versions. */
export const lockDefinitions = statement<
  { workspaceId: number; keys: readonly string[] },
  LockedDefinition
>(
  (arg) => sql`
    select ${definitionColumns}, d.author,
      exists (select from plugin gone where gone.workspace_id = d.workspace_id
        and gone.id = split_part(d.owner, '/', 1) and gone.state in ('removed', 'awaiting_approval', 'purged')) as "isOrphan"
    from trait_definition d
    where d.workspace_id = ${arg.workspaceId}::int and d.key = any(${arg.keys}::text[])
    order by d.key
    for update of d`,
)
