import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Adds purposes that a workspace lacks; what an officer changed stays. */
export const ensurePurposes = statement<{ workspaceId: number; purposes: string }, never>(
  (arg) => sql`
    insert into purpose (workspace_id, key, description, bases, needs_grant)
    select ${arg.workspaceId}::int, key, description, array(select jsonb_array_elements_text(bases)),
      "needsGrant"
    from json_to_recordset(${arg.purposes}::text::json)
      as new (key text, description text, bases jsonb, "needsGrant" boolean)
    on conflict do nothing`,
)
