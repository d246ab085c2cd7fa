import { sql } from 'drizzle-orm/sql/sql'
import type { ConsentMapping } from '../../core/model/consentMapping.ts'
import { statement } from '../statement.ts'

/** What free ids mean; those for every source come before those of one. */
export const listMappings = statement<{ workspaceId: number }, ConsentMapping>(
  (arg) => sql`
    select dialect, nullif(source_id, '') as "sourceId", consent_id as "consentId", targets, author,
      defined_at as "definedAt"
    from consent_mapping where workspace_id = ${arg.workspaceId}::int
    order by consent_mapping.source_id, dialect, consent_id`,
)
