import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/** Appends to the change log. A value is null when it was removed or went to the vault. */
export const storeChanges = statement<{ workspaceId: number; changes: string }, never>(
  (arg) => sql`
    insert into change (workspace_id, profile_id, id, kind, key, value, confidence, revision,
      author_kind, author_id, cause, hop, at)
    select ${arg.workspaceId}::int, "profileId", id, kind, key, value, confidence, revision,
      "authorKind", "authorId", cause, hop, at
    from json_to_recordset(${arg.changes}::text::json) as new ("profileId" text, id text, kind text,
      key text, value jsonb, confidence real, revision int, "authorKind" text, "authorId" text,
      cause text, hop smallint, at timestamptz)`,
)
