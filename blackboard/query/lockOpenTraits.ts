import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import type { Provenance } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

/** Locks, in id order, those of the profiles on which a trait stands in the open. */
export const lockOpenTraits = statement<
  { workspaceId: number; ids: readonly string[]; key: string },
  { id: string; value: Json; made: Provenance | null }
>(
  (arg) => sql`
    select id, traits -> ${arg.key}::text as value, provenance -> ${arg.key}::text as made
    from profile
    where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
      and traits ? ${arg.key}::text
    order by id
    for update`,
)
