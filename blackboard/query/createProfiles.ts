import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Creates profiles with the traits their first events state. */
export const createProfiles = statement<{ workspaceId: number; profiles: string }, never>(
  (arg) => sql`
    insert into profile
      (workspace_id, id, canonical_id, traits, provenance, revision, created_at, updated_at)
    select ${arg.workspaceId}::int, id, canonical, traits, provenance, 1, at, at
    from json_to_recordset(${arg.profiles}::text::json)
      as new (id text, canonical text, traits jsonb, provenance jsonb, at timestamptz)`,
)
