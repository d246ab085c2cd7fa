import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Lists traits that arrived without a definition under a guessed class, for an officer to classify; `traits`
 * is JSON: [{ key, class, source }].
 */
export const registerTraits = statement<{ workspaceId: number; traits: string; at: string }, never>(
  (arg) => sql`
    with fresh as (
      insert into trait_definition
        (workspace_id, key, data_class, registered, first_source, created_at, updated_at)
      select ${arg.workspaceId}::int, key, class, false, source, ${arg.at}::timestamptz,
        ${arg.at}::timestamptz
      from json_to_recordset(${arg.traits}::text::json) as new (key text, class text, source text)
      order by key
      on conflict do nothing
      returning *
    )
    insert into trait_definition_version (workspace_id, key, version, data_class, schema, purposes,
      owner, owners, description, conflict_rule, merge_rule, freshness_ms, ttl_ms, registered, author,
      reason, at)
    select workspace_id, key, version, data_class, schema, purposes, owner, owners, description,
      conflict_rule, merge_rule, freshness_ms, ttl_ms, registered, author, 'first seen', created_at
    from fresh`,
)
