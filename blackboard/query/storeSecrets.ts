import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Puts sealed values (base64) into the vault, over what stood under the same key. */
export const storeSecrets = statement<{ workspaceId: number; secrets: string }, never>(
  (arg) => sql`
    insert into vault (workspace_id, profile_id, key, sealed, blind, written_at)
    select distinct on ("profileId", key)
      ${arg.workspaceId}::int, "profileId", key, decode(sealed, 'base64'), blind, at
    from json_to_recordset(${arg.secrets}::text::json) as new
      ("profileId" text, key text, sealed text, blind uuid, at timestamptz, nth int)
    order by "profileId", key, nth desc
    on conflict (workspace_id, profile_id, key) do update
    set sealed = excluded.sealed, blind = excluded.blind, written_at = excluded.written_at`,
)
