import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/**
 * Locks, in id order, the profiles that still are as a reaction read them: canonical, every trait read or
 * about to be written at the same revision, none appeared that was absent, legal standing unchanged.
 */
export const lockPremises = statement<
  { workspaceId: number; ids: readonly string[]; items: string },
  { profileId: string }
>(
  (arg) => sql`
    select p.id as "profileId"
    from profile p
    join json_to_recordset(${arg.items}::text::json)
      as premise ("profileId" text, read jsonb, absent jsonb, "legalVersion" bigint)
      on premise."profileId" = p.id
    left join legal_state l on l.workspace_id = p.workspace_id and l.profile_id = p.id
    where p.workspace_id = ${arg.workspaceId}::int and p.id = any(${arg.ids}::text[])
      and p.canonical_id = p.id
      and p.provenance @> premise.read
      and not p.provenance ?| array(select jsonb_array_elements_text(premise.absent))
      and coalesce(l.version, 0) = premise."legalVersion"
    order by p.id
    for update of p`,
)
