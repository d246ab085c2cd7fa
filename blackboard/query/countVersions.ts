import { sql } from 'drizzle-orm/sql/sql'
import { statement } from '../statement.ts'

/**
 * Adds what a node saw of versions, `rows` as JSON: to the rollouts that are under way, and to the record of the
 * version in service, which begins anew with each.
 */
export const countVersions = statement<{ workspaceId: number; rows: string; at: string }, never>(
  (arg) => sql`
    with told as (
      select * from json_to_recordset(${arg.rows}::text::json)
        as w (plugin text, digest text, items bigint, failures bigint)
    ), open as (
      select r.plugin_id, r.id, r.state, r.digest, r.base_digest from plugin_rollout r
      where r.workspace_id = ${arg.workspaceId}::int and r.state in ('canary', 'watching')
        and r.plugin_id in (select plugin from told)
      order by r.plugin_id
      for update
    ), counted as (
      select o.plugin_id, o.id,
        coalesce(sum(t.items) filter (where t.digest = o.digest), 0) as items,
        coalesce(sum(t.failures) filter (where t.digest = o.digest), 0) as failures,
        coalesce(sum(t.items) filter (where t.digest = o.base_digest and o.state = 'canary'), 0) as base_items,
        coalesce(sum(t.failures) filter (where t.digest = o.base_digest and o.state = 'canary'), 0) as base_failures
      from open o join told t on t.plugin = o.plugin_id
      group by o.plugin_id, o.id
    ), rollouts as (
      update plugin_rollout r
      set items = r.items + c.items, failures = r.failures + c.failures,
        base_items = r.base_items + c.base_items, base_failures = r.base_failures + c.base_failures,
        worked_at = coalesce(r.worked_at, case when c.items > 0 then ${arg.at}::timestamptz end)
      from counted c
      where r.workspace_id = ${arg.workspaceId}::int and r.plugin_id = c.plugin_id and r.id = c.id
    )
    update plugin_health h
    set version_digest = t.digest,
      version_items = t.items + case when h.version_digest = t.digest then h.version_items else 0 end,
      version_failures = t.failures + case when h.version_digest = t.digest then h.version_failures else 0 end
    from told t
    join plugin p on p.workspace_id = ${arg.workspaceId}::int and p.id = t.plugin and p.digest = t.digest
    where h.workspace_id = ${arg.workspaceId}::int and h.plugin_id = t.plugin`,
)
