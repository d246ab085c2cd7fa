import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Writes the next version of each definition, and the same to the history. Returns the keys that it wrote: one
 * that is missing was written by another transaction meanwhile.
 */
export const writeDefinitions = statement<
  { workspaceId: number; definitions: string; author: string; reason: string; at: string },
  { key: string }
>(
  (arg) => sql`
    with given as (
      select key, version, "dataClass" as data_class, schema,
        array(select jsonb_array_elements_text(purposes)) as purposes, owner,
        array(select jsonb_array_elements_text(owners)) as owners, description,
        "conflictRule" as conflict_rule, "mergeRule" as merge_rule, shares, "freshnessMs" as freshness_ms,
        "ttlMs" as ttl_ms, "openedAt" as opened_at,
        case when infers is not null then array(select jsonb_array_elements_text(infers)) end as infers
      from json_to_recordset(${arg.definitions}::text::json)
        as w (key text, version int, "dataClass" text, schema jsonb, purposes jsonb, owner text,
          owners jsonb, description text, "conflictRule" text, "mergeRule" text, shares jsonb, "freshnessMs" bigint,
          "ttlMs" bigint, "openedAt" timestamptz, infers jsonb)
    ), written as (
      insert into trait_definition as d
        (workspace_id, key, version, data_class, schema, purposes, owner, owners, description,
         conflict_rule, merge_rule, shares, freshness_ms, ttl_ms, opened_at, infers, registered, author, created_at,
         updated_at)
      select ${arg.workspaceId}::int, key, version, data_class, schema, purposes, owner, owners,
        description, conflict_rule, merge_rule, shares, freshness_ms, ttl_ms, opened_at, infers, true,
        ${arg.author}::text, ${arg.at}::timestamptz, ${arg.at}::timestamptz
      from given order by key
      on conflict (workspace_id, key) do update set
        version = excluded.version, data_class = excluded.data_class, schema = excluded.schema,
        purposes = excluded.purposes, owner = excluded.owner, owners = excluded.owners,
        description = excluded.description, conflict_rule = excluded.conflict_rule,
        merge_rule = excluded.merge_rule, shares = excluded.shares, freshness_ms = excluded.freshness_ms,
        ttl_ms = excluded.ttl_ms, opened_at = excluded.opened_at, infers = excluded.infers, registered = true,
        author = excluded.author, updated_at = excluded.updated_at
      where d.version = excluded.version - 1
      returning d.key
    )
    insert into trait_definition_version (workspace_id, key, version, data_class, schema, purposes,
      owner, owners, description, conflict_rule, merge_rule, shares, freshness_ms, ttl_ms, infers, registered,
      author, reason, at)
    select ${arg.workspaceId}::int, key, version, data_class, schema, purposes, owner, owners,
      description, conflict_rule, merge_rule, shares, freshness_ms, ttl_ms, infers, true, ${arg.author}::text,
      ${arg.reason}::text, ${arg.at}::timestamptz
    from given join written using (key)
    returning key`,
)
