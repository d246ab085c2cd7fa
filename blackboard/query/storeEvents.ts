import { sql } from 'drizzle-orm'
import { statement } from '../statement.ts'

/** Stores events on the profile that they arrived on. `sealed` is base64 of the encrypted part, or null. */
export const storeEvents = statement<{ workspaceId: number; events: string }, never>(
  (arg) => sql`
    insert into event (workspace_id, profile_id, id, source_id, message_id, type, name, properties,
      traits, context, sealed, occurred_at, original_timestamp, sent_at, received_at)
    select ${arg.workspaceId}::int, home, id, source, message, type, name, properties, traits, context,
      decode(sealed, 'base64'), at, original, sent, received
    from json_to_recordset(${arg.events}::text::json) as new (home text, id text, source text,
      message text, type text, name text, properties jsonb, traits jsonb, context jsonb, sealed text,
      at timestamptz, original timestamptz, sent timestamptz, received timestamptz)`,
)
