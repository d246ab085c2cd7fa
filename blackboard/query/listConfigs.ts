import { sql } from 'drizzle-orm/sql/sql'
import type { Json } from '../../core/model/json.ts'
import { acrossWorkspaces } from '../statement.ts'

/** What is set for plugins (`<workspace> <plugin>`): the newest config and the names of secrets. */
export const listConfigs = acrossWorkspaces<
  { plugins: readonly string[] },
  { plugin: string; number: number; config: Json; secrets: string[] }
>(
  (arg) => sql`
    select p.workspace_id || ' ' || p.id as plugin, coalesce(c.number, 0) as number,
      coalesce(c.config, '{}') as config, array(
        select s.name from plugin_secret s
        where s.workspace_id = p.workspace_id and s.plugin_id = p.id order by s.name) as secrets
    from plugin p
    left join lateral (
      select number, config from plugin_config_version c
      where c.workspace_id = p.workspace_id and c.plugin_id = p.id
      order by c.number desc limit 1
    ) as c on true
    where p.workspace_id || ' ' || p.id = any(${arg.plugins}::text[])`,
)
