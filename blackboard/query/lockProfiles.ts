import { sql } from 'drizzle-orm'
import type { JsonObject } from '../../core/model/json.ts'
import type { Provenance } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

/** Locks profile rows in id order (so that no two batches wait in a circle) and returns what stands on them. */
export const lockProfiles = statement<
  { workspaceId: number; ids: string },
  {
    id: string
    canonical: string
    traits: JsonObject
    provenance: Record<string, Provenance>
    wrapped: Buffer | null
  }
>(
  (arg) => sql`
    select p.id, p.canonical_id as canonical, p.traits, p.provenance,
      (select k.wrapped from profile_key k
       where k.workspace_id = p.workspace_id and k.profile_id = p.id) as wrapped
    from profile p
    where p.workspace_id = ${arg.workspaceId}::int
      and p.id in (select json_array_elements_text(${arg.ids}::text::json))
    order by p.id
    for update of p`,
)
