import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Of a trait that is personal by now: takes what agents said of it out of the conflicts and the votes of profiles that
 * the transaction has locked. Nobody can choose any more what may not stand, so what waits is over.
 */
export const sealTraitConflicts = statement<
  { workspaceId: number; key: string; ids: readonly string[]; at: string },
  { found: number }
>(
  (arg) => sql`
    with blanked as (
      update trait_conflict
      set value = null, stood = null, is_sealed = true,
        resolution = case when state = 'settled' then resolution else 'sealed' end,
        resolved_at = case when state = 'settled' then resolved_at else ${arg.at}::timestamptz end,
        state = 'settled'
      where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
        and trait = ${arg.key}::text and not is_sealed
      returning 1
    ), silenced as (
      update profile set provenance = provenance #- array[${arg.key}::text, 'words']
      where workspace_id = ${arg.workspaceId}::int and id = any(${arg.ids}::text[])
        and provenance -> ${arg.key}::text ? 'words'
      returning 1
    )
    select ((select count(*) from blanked) + (select count(*) from silenced))::int as found`,
)
