import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Registers the traits that a plugin brings, over what was guessed, its own older version said
 * or a removed plugin left. Returns
 * the keys it got; one that is missing belongs to another agent or was registered by hand.
 */
export const replaceDefinitions = statement<
  { workspaceId: number; definitions: string; at: string },
  { key: string }
>(
  (arg) => sql`
    insert into trait_definition as d
      (workspace_id, key, data_class, schema, purposes, owner, registered, created_at)
    select ${arg.workspaceId}::int, key, class, schema,
      array(select jsonb_array_elements_text(purposes)), owner, true, ${arg.at}::timestamptz
    from json_to_recordset(${arg.definitions}::text::json)
      as w (key text, class text, schema jsonb, purposes jsonb, owner text)
    order by key
    on conflict (workspace_id, key) do update set
      data_class = excluded.data_class, schema = excluded.schema, purposes = excluded.purposes,
      owner = excluded.owner, registered = true
    where not d.registered or split_part(d.owner, '/', 1) = split_part(excluded.owner, '/', 1)
      or exists (select from plugin gone where gone.workspace_id = d.workspace_id
        and gone.id = split_part(d.owner, '/', 1) and gone.state = 'removed')
    returning key`,
)
