import { sql } from 'drizzle-orm/sql/sql'
import type { Capability, TrustLevel } from '../../core/model/pluginTrust.ts'
import { statement } from '../statement.ts'

export const storeTrust = statement<
  { workspaceId: number; capability: Capability; level: TrustLevel; by: string; at: string },
  never
>(
  (arg) => sql`
    insert into plugin_trust (workspace_id, capability, level, set_by, set_at)
    values (${arg.workspaceId}::int, ${arg.capability}::text, ${arg.level}::text, ${arg.by}::text,
      ${arg.at}::timestamptz)
    on conflict (workspace_id, capability) do update set level = excluded.level,
      set_by = excluded.set_by, set_at = excluded.set_at`,
)
