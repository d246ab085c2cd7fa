import { sql } from 'drizzle-orm/sql/sql'
import type { JurisdictionSource } from '../../core/model/jurisdiction.ts'
import { statement } from '../statement.ts'

/** Where profiles were placed, and by whom; those of nobody placed are left out. */
export const loadPlaces = statement<
  { workspaceId: number; ids: readonly string[] },
  { profileId: string; jurisdiction: string; source: JurisdictionSource | null }
>(
  (arg) => sql`
    select profile_id as "profileId", jurisdiction, jurisdiction_source as source
    from legal_state
    where workspace_id = ${arg.workspaceId}::int and profile_id = any(${arg.ids}::text[])
      and jurisdiction is not null`,
)
