import { sql } from 'drizzle-orm/sql/sql'
import type { Strike } from '../../core/model/pluginHealth.ts'
import type { PluginState } from '../../core/model/pluginLife.ts'
import { statement } from '../statement.ts'

/**
 * Adds what a node counted of its plugins, and gives the strikes known before and what they count against.
 * `rows` is JSON; plugins that are not there any more are left out.
 */
export const addPluginHealth = statement<
  { workspaceId: number; rows: string },
  {
    plugin: string
    strikes: Strike[]
    okAt: Date | null
    state: PluginState
    digest: string | null
    canaryDigest: string | null
  }
>(
  (arg) => sql`
    with counted as (
      insert into plugin_health as h (workspace_id, plugin_id, calls, items, failures, denials, bytes_out,
        writes, conflicts, busy_ms, cpu_ms, latency, last_error, ok_at, active_at)
      select p.workspace_id, p.id, w.calls, w.items, w.failures, w.denials, w."bytesOut", w.writes, w.conflicts, w."busyMs",
        w."cpuMs", w.latency, w."lastError", w."okAt", w."activeAt"
      from json_to_recordset(${arg.rows}::text::json)
        as w (plugin text, calls bigint, items bigint, failures bigint, denials bigint, "bytesOut" bigint,
          writes bigint, conflicts bigint,
          "busyMs" float8, "cpuMs" float8, latency bigint[], "lastError" jsonb, "okAt" timestamptz, "activeAt" timestamptz)
      join plugin p on p.workspace_id = ${arg.workspaceId}::int and p.id = w.plugin
      order by p.id
      on conflict (workspace_id, plugin_id) do update set
        calls = h.calls + excluded.calls, items = h.items + excluded.items,
        failures = h.failures + excluded.failures, denials = h.denials + excluded.denials,
        bytes_out = h.bytes_out + excluded.bytes_out, writes = h.writes + excluded.writes,
        conflicts = h.conflicts + excluded.conflicts, busy_ms = h.busy_ms + excluded.busy_ms,
        cpu_ms = h.cpu_ms + excluded.cpu_ms,
        latency = array(select a + b from unnest(h.latency, excluded.latency)
          with ordinality as t (a, b, at) order by at),
        last_error = coalesce(excluded.last_error, h.last_error),
        ok_at = greatest(h.ok_at, excluded.ok_at), active_at = greatest(h.active_at, excluded.active_at)
      returning plugin_id, strikes, ok_at
    )
    select c.plugin_id as plugin, c.strikes, c.ok_at as "okAt", p.state, p.digest,
      (select r.digest from plugin_rollout r where r.workspace_id = p.workspace_id and r.plugin_id = p.id
        and r.state = 'canary') as "canaryDigest"
    from counted c
    join plugin p on p.workspace_id = ${arg.workspaceId}::int and p.id = c.plugin_id`,
)
