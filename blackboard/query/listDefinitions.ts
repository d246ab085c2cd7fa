import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { DataClass } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

export const listDefinitions = statement<
  { workspaceId: number },
  {
    key: string
    dataClass: DataClass
    schema: Json | null
    purposes: string[]
    owner: string | null
    registered: boolean
  }
>(
  (arg) => sql`
    select key, data_class as "dataClass", schema, purposes, owner, registered
    from trait_definition where workspace_id = ${arg.workspaceId}::int`,
)
