import { sql } from 'drizzle-orm/sql/sql'
import type { SubjectRow } from './loadSubjects.ts'
import { statement } from '../statement.ts'

/**
 * How profiles stood at a version; nothing for those against which nothing stood. `keys` is JSON:
 * [{ profileId, version }].
 */
export const listLegalVersions = statement<
  { workspaceId: number; keys: string },
  SubjectRow['legal'][number]
>(
  (arg) => sql`
    select wanted."profileId", wanted.version, s.restricted, s.legal_hold as "legalHold", s.objections,
      s.holds, s.gpc, s.minor_band as "minorBand", s.jurisdiction, to_jsonb(s.erased_at) #>> '{}' as "erasedAt"
    from json_to_recordset(${arg.keys}::text::json) as wanted ("profileId" text, version bigint)
    cross join lateral (
      select * from legal_state_version
      where workspace_id = ${arg.workspaceId}::int and profile_id = wanted."profileId"
        and version <= wanted.version
      order by version desc limit 1
    ) as s`,
)
