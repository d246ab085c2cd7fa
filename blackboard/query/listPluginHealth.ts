import { sql } from 'drizzle-orm/sql/sql'
import type {
  PluginCounts,
  PluginError,
  Quarantine,
  Strike,
} from '../../core/model/pluginHealth.ts'
import { statement } from '../statement.ts'

export interface PluginHealthRow extends PluginCounts {
  plugin: string
  latency: number[]
  lastError: PluginError | null
  strikes: Strike[]
  quarantine: Quarantine | null
  okAt: Date | null
  activeAt: Date
}

/** What nodes counted of the plugins named; those that never ran are missing. */
export const listPluginHealth = statement<
  { workspaceId: number; ids: readonly string[] },
  PluginHealthRow
>(
  (arg) => sql`
    select plugin_id as plugin, calls::float8, items::float8, failures::float8, denials::float8,
      bytes_out::float8 as "bytesOut", writes::float8, conflicts::float8, busy_ms::float8 as "busyMs", cpu_ms::float8 as "cpuMs", latency::float8[] as latency,
      last_error as "lastError", strikes, quarantine, ok_at as "okAt", active_at as "activeAt"
    from plugin_health
    where workspace_id = ${arg.workspaceId}::int and plugin_id = any(${arg.ids}::text[])`,
)
