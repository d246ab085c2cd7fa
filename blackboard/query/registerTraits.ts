import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/** Lists traits that arrived without a definition under a guessed class, for an officer to classify. */
export const registerTraits = statement<{ workspaceId: number; traits: string; at: string }, never>(
  (arg) => sql`
    insert into trait_definition (workspace_id, key, data_class, registered, created_at)
    select ${arg.workspaceId}::int, key, class, false, ${arg.at}::timestamptz
    from json_to_recordset(${arg.traits}::text::json) as new (key text, class text)
    order by key
    on conflict do nothing`,
)
