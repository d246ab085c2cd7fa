import { sql } from 'drizzle-orm/sql/sql'
import type { Quarantine } from '../../core/model/pluginHealth.ts'
import { statement } from '../statement.ts'

/** Keeps what a plugin was quarantined for. Its strikes are spent: once released it starts without any. */
export const storeQuarantine = statement<
  { workspaceId: number; plugin: string; quarantine: Quarantine },
  never
>(
  (arg) => sql`
    update plugin_health set strikes = '[]', quarantine = ${arg.quarantine}::text::jsonb
    where workspace_id = ${arg.workspaceId}::int and plugin_id = ${arg.plugin}::text`,
)
