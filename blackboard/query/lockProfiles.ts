import { sql } from 'drizzle-orm/sql/sql'
import type { JsonObject } from '../../core/model/json.ts'
import type { Provenance } from '../../core/model/trait.ts'
import { statement } from '../statement.ts'

/**
 * Locks profile rows in id order (so that no two batches wait in a circle) and returns what stands on those
 * whose traits are wanted. Every transaction locks profiles before agenda rows; one that only wakes agents
 * locks them too, for about 3 us a row, because the agenda rows of several agents have no order that both
 * it and a committing agent could keep.
 */
export const lockProfiles = statement<
  { workspaceId: number; ids: readonly string[]; profiles: string },
  {
    id: string
    canonical: string
    erased: boolean
    /** The person said of an identifier that it is not theirs. */
    disowning: boolean
    traits: JsonObject | null
    provenance: Record<string, Provenance> | null
    wrapped: Buffer | null
  }
>(
  (arg) => sql`
    select p.id, p.canonical_id as canonical, p.erased_at is not null as erased,
      p.disowned_at is not null as disowning,
      case when wanted.whole then p.traits end as traits,
      case when wanted.whole then p.provenance end as provenance,
      case when wanted.whole then (select k.wrapped from profile_key k
        where k.workspace_id = p.workspace_id and k.profile_id = p.id) end as wrapped
    from profile p
    join json_to_recordset(${arg.profiles}::text::json) as wanted (id text, whole boolean)
      on wanted.id = p.id
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
    order by p.id
    for update of p`,
)
