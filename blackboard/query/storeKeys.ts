import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Stores wrapped data keys (base64). A key that stands is never replaced: it would orphan what it sealed. */
export const storeKeys = statement<{ workspaceId: number; keys: string }, { profile_id: string }>(
  (arg) => sql`
    insert into profile_key (workspace_id, profile_id, wrapped, created_at)
    select ${arg.workspaceId}::int, "profileId", decode(wrapped, 'base64'), at
    from json_to_recordset(${arg.keys}::text::json)
      as new ("profileId" text, wrapped text, at timestamptz)
    order by "profileId"
    on conflict do nothing
    returning profile_id`,
)
